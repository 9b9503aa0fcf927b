from pathlib import Path

import pytest

from recsys.data.library import load_dataset
from recsys.data.titles import display_title


@pytest.mark.parametrize(
    ("raw", "title", "year"),
    [
        ("Godfather, The (1972)", "The Godfather (1972)", 1972),
        ("Postino, Il (1994)", "Il Postino (1994)", 1994),
        ("Bonheur, Le (1965)", "Le Bonheur (1965)", 1965),
        ("Enfer, L' (1994)", "L'Enfer (1994)", 1994),
        ("Vitelloni, I (1953)", "I Vitelloni (1953)", 1953),
        ("Good, The Bad and The Ugly, The (1966)", "The Good, The Bad and The Ugly (1966)", 1966),
        ("Beans of Egypt, Maine, The (1994)", "The Beans of Egypt, Maine (1994)", 1994),
        ("Paris, Texas (1984)", "Paris, Texas (1984)", 1984),
        ("I, Worst of All (1990)", "I, Worst of All (1990)", 1990),
        ("To Have, or Not (1995)", "To Have, or Not (1995)", 1995),
        ("Shanghai Triad (Yao a yao) (1995)", "Shanghai Triad (Yao a yao) (1995)", 1995),
        ("Star Maker, The (Uomo, L') (1995)", "The Star Maker (L'Uomo) (1995)", 1995),
        ("Maybe, Maybe Not (Mann, Der) (1994)", "Maybe, Maybe Not (Der Mann) (1994)", 1994),
        ("Foo (a.k.a. Bar, Le) (Baz, El) (2001)", "Foo (a.k.a. Le Bar) (El Baz) (2001)", 2001),
        ("(500) Days of Summer (2009)", "(500) Days of Summer (2009)", 2009),
        ("1984 (1956)", "1984 (1956)", 1956),
        ("Land Before Time III (1995) (V)", "Land Before Time III (1995)", 1995),
        ("Office, The (2001-2003)", "The Office (2001-2003)", 2001),
        ("  Ripe   fruit (1996) ", "Ripe fruit (1996)", 1996),
        ("Babylon 5", "Babylon 5", None),
        ("Wire, The", "The Wire", None),
        ("(1972)", "(1972)", None),
        ("", "", None),
    ],
)
def test_raw_title_becomes_what_people_write(raw: str, title: str, year: int | None) -> None:
    assert display_title(raw) == (title, year)


def test_shown_title_stays_as_it_is() -> None:
    shown, year = display_title("Umbrellas, The (Parapluies, Les) (1964)")
    assert display_title(shown) == (shown, year)


def test_every_title_of_100k_starts_with_its_article(home: Path) -> None:
    movies = load_dataset("100k").movies

    assert (
        not movies["title"]
        .str.contains(r", (?:The|A|An|Le|La|Les|L'|Il|Der|Das|O)(?: \(|\))")
        .any()
    )
    # What is left of commas belongs to the titles.
    assert movies["title"].str.contains(",").sum() == 29
    assert movies.loc[movies["year"].isna(), "title"].tolist() == ["unknown"]
    assert movies.loc[movies["movie_id"] == "127", "title"].item() == "The Godfather (1972)"
