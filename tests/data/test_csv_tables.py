"""Reading a user's CSV files: what is accepted, and the error messages for the rest."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.data import csv_parsing
from recsys.data.csv_parsing import CsvFile, open_csv, read_columns
from recsys.data.csv_tables import check_holdout, read_movies, read_ratings
from recsys.data.tables import DataError

HEADER = "user_id,movie_id,rating"


def ratings_file(text: str | bytes) -> CsvFile:
    return CsvFile("ratings.csv", text if isinstance(text, bytes) else text.encode())


def movies_file(text: str) -> CsvFile:
    return CsvFile("movies.csv", text.encode())


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\n007,m,3.5\n7,m,2\n",
        f"\ufeff{HEADER}\n007,m,3.5\n7,m,2\n",
        f"{HEADER}\r\n007,m,3.5\r\n7,m,2\r\n",
        f"{HEADER}\r007,m,3.5\r7,m,2\r",
        f"{HEADER}\n007,m,3.5\n7,m,2",
        f"\n{HEADER}\n\n007,m,3.5\n\n\n7,m,2\n\n",
        f"{HEADER}\n 007 , m,\t3.5\n7,m , +2.\n",
        f'{HEADER}\n"007","m","3.5"\n"7","m",2e0\n',
        "movieId,rating,comment,userId\nm,3.50,good,007\nm,2,,7\n",
        "Movie ID,RATING,User_Id\nm,3.50,007\nm,2,7\n",
    ],
    ids=["plain", "bom", "crlf", "cr", "no-end", "empty", "blanks", "quotes", "order", "names"],
)
def test_same_ratings_are_read_however_they_are_written(text: str) -> None:
    table = read_ratings(ratings_file(text))

    assert table[["user_id", "movie_id", "rating"]].values.tolist() == [
        ["007", "m", 3.5],
        ["7", "m", 2.0],
    ]


def test_timestamps_are_seconds() -> None:
    table = read_ratings(ratings_file(f"{HEADER},timestamp\n1,2,3,881250949\n1,3,-3,12.0\n"))

    assert table["timestamp"].tolist() == [881250949, 12]


def test_id_of_any_length_stays_text() -> None:
    table = read_ratings(ratings_file(f"{HEADER}\n{'9' * 400},ü 'é\u20ac,0\n"))

    assert table[["user_id", "movie_id"]].values.tolist() == [["9" * 400, "ü 'é€"]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "ratings.csv: the file is empty"),
        ("  \n\n", "ratings.csv: the file is empty"),
        (f"{HEADER}\n", "ratings.csv: there are no rows below the header"),
        (
            "user_id,movie_id\n1,2\n",
            "ratings.csv line 1: the header has no column rating (it is 'user_id,movie_id')",
        ),
        (
            "1,2,3.5\n1,3,4\n",
            "ratings.csv line 1: the header has no column user_id and no movie_id and no rating "
            "(it is '1,2,3.5')",
        ),
        (
            "user_id;movie_id;rating\n1;2;3\n",
            "ratings.csv line 1: the header has no column user_id and no movie_id and no rating "
            "(it is 'user_id;movie_id;rating'); separate the columns by commas, not ';'",
        ),
        (
            "user_id,userId,movie_id,rating\n1,1,2,3\n",
            "ratings.csv line 1: the header names the column user_id twice",
        ),
        (f"{HEADER}\n1,2,3\n1,2\n", "ratings.csv line 3: has 2 fields, but the header has 3"),
        (f"{HEADER}\n1,2,3\n1,4,5,6\n", "ratings.csv line 3: has 4 fields, but the header has 3"),
        (f"{HEADER}\n1,2,3\n,4,5\n", "ratings.csv line 3: user_id is empty"),
        (f"{HEADER}\n\n\n1,  ,3\n", "ratings.csv line 4: movie_id is empty"),
        (f"{HEADER}\n1,2,abc\n", "ratings.csv line 2: rating 'abc' is not a number"),
        (f"{HEADER}\n1,2,\n", "ratings.csv line 2: rating '' is not a number"),
        (f"{HEADER}\n1,2,nan\n", "ratings.csv line 2: rating 'nan' is not a number"),
        (f"{HEADER}\n1,2,-inf\n", "ratings.csv line 2: rating '-inf' is not a number"),
        (f"{HEADER}\n1,2,1_0\n", "ratings.csv line 2: rating '1_0' is not a number"),
        (f"{HEADER}\n1,2,\u0663\n", "ratings.csv line 2: rating '\u0663' is not a number"),
        (f'{HEADER}\n1,2,"3,5"\n', "ratings.csv line 2: rating '3,5' is not a number"),
        (f"{HEADER}\n1,2,1e999\n", "ratings.csv line 2: rating '1e999' is beyond 1,000,000"),
        (
            f"{HEADER},timestamp\n1,2,3,1\n1,3,3,2020-01-01\n",
            "ratings.csv line 3: timestamp '2020-01-01' is not a whole number of seconds",
        ),
        (
            f"{HEADER},timestamp\n1,2,3,\n",
            "ratings.csv line 2: timestamp '' is not a whole number of seconds",
        ),
        (
            f"{HEADER}\n1,2,3\n1,3,3\n\n 1,2 ,4\n",
            "ratings.csv line 5: user '1' has already rated movie '2' in line 2",
        ),
        # The first malformed line is reported.
        (f"{HEADER}\n1,2,x\n,2,3\n", "ratings.csv line 2: rating 'x' is not a number"),
        (f"{HEADER}\n,2,x\n1,2,x\n", "ratings.csv line 2: user_id is empty"),
        (
            f'{HEADER}\n1,"a\nb",3\n',
            "ratings.csv line 2: movie_id 'a\\nb' has a line break or control character in it",
        ),
        (f'{HEADER}\n1,2,3\n"1,3,4\n5,6,7\n', "ratings.csv line 3: is not valid CSV (unexpected"),
        (f'{HEADER}\n"1"2,3,4\n', "ratings.csv line 2: is not valid CSV (',' expected after"),
        (
            f'{HEADER},note\n1,2,3,"two\nlines"\n1,3,x,\n',
            "ratings.csv line 4: rating 'x' is not a number",
        ),
        (f"{HEADER}\n1,2,3\n\0,2,3\n", "ratings.csv line 3: has a NUL byte"),
        (
            f"{HEADER}\n1,2,3\nJos\xe9,2,3\n".encode("latin-1"),
            "ratings.csv line 3: is not UTF-8 text; save the file as CSV in UTF-8",
        ),
        (HEADER.encode("utf-16"), "ratings.csv line 1: is not UTF-8 text"),
        (b"PK\x03\x04\x00\xff", "ratings.csv line 1: is not UTF-8 text"),
    ],
)
def test_malformed_ratings_get_one_line_with_file_line_and_reason(
    text: str | bytes, message: str
) -> None:
    with pytest.raises(DataError) as caught:
        read_ratings(ratings_file(text))

    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_movies_are_read_with_title_genres_and_year() -> None:
    table = read_movies(
        movies_file(
            "movie_id,title,genres,year\n"
            '1,"Godfather, The (1972)", Crime | Drama ,\n'
            "2,Heat,Action,1995\n"
            "3,Solaris (1972),(no genres listed),2002\n"
            '4,"say ""hi""\nthere",,1999.0\n'
            "5,,,\n"
        )
    )

    assert table["title"].fillna("-").tolist() == [
        "The Godfather (1972)",
        "Heat (1995)",
        "Solaris (1972)",
        'say "hi" there (1999)',
        "-",
    ]
    assert table["genres"].tolist() == ["Crime|Drama", "Action", "", "", ""]
    assert table["year"].fillna(0).tolist() == [1972, 1995, 2002, 1999, 0]


def test_movies_need_only_id_and_title() -> None:
    table = read_movies(movies_file("title,movie_id\nHeat (1995),1\n"))

    assert table.values.tolist() == [["1", "Heat (1995)", "", 1995]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("movie_id,genres\n1,Drama\n", "movies.csv line 1: the header has no column title"),
        ("movie_id,title,year\n1,A,soon\n", "movies.csv line 2: year 'soon' is not a year"),
        (
            "movie_id,title\n1,A\n2,B\n1,C\n",
            "movies.csv line 4: movie '1' is already in line 2",
        ),
        ("movie_id,title\n1,Paris, Texas\n", "movies.csv line 2: has 3 fields, but the header has"),
    ],
)
def test_malformed_movies_get_one_line_with_file_line_and_reason(text: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        read_movies(movies_file(text))

    assert str(caught.value).startswith(message)


def test_holdout_rating_that_is_trained_on_is_refused() -> None:
    training = read_ratings(ratings_file(f"{HEADER}\n1,2,3\n1,3,4\n"))
    file = CsvFile("holdout.csv", f"{HEADER}\n1,4,3\n2,2,1\n1,3,5\n".encode())

    with pytest.raises(DataError, match=r"^holdout.csv line 4: user '1' and movie '3' are in"):
        check_holdout(file, read_ratings(file), "ratings.csv", training)


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no\.csv: cannot be read \(No such file or directory\)"):
        open_csv(tmp_path / "no.csv")
    with pytest.raises(DataError, match=r"cannot be read \(Is a directory\)"):
        open_csv(tmp_path)


def test_upload_is_read_from_its_beginning() -> None:
    upload = io.BytesIO(f"{HEADER}\n1,2,3\n".encode())
    upload.name = "folder/mine.csv"
    upload.read()

    assert open_csv(upload) == CsvFile("mine.csv", f"{HEADER}\n1,2,3\n".encode())


def outcome(read: Callable[[], pd.DataFrame]) -> list[list[object]] | str:
    """Return the rows that are read, or the error message."""
    try:
        return read().values.tolist()
    except DataError as error:
        return str(error)


ids = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1).map(str.strip)
ids = ids.filter(bool)
rating = st.floats(-1000, 1000, width=32)
rows = st.lists(
    st.tuples(ids, ids, rating, st.integers(0, 2**40)),
    min_size=1,
    unique_by=lambda row: row[:2],
)


@settings(max_examples=40)
@given(rows, st.sampled_from(["\n", "\r\n"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_written_ratings_are_read_back(
    rows: list[tuple[str, str, float, int]], line_end: str, quoting: int
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=line_end, quoting=quoting)
    writer.writerow(["user_id", "movie_id", "rating", "timestamp"])
    writer.writerows(rows)

    table = read_ratings(ratings_file(text.getvalue()))

    assert list(table.itertuples(index=False, name=None)) == rows


@settings(max_examples=100)
@given(st.text(st.sampled_from('ab1.,\n\r" \té'), max_size=60))
def test_fast_and_thorough_parsing_agree(body: str) -> None:
    file = ratings_file("user_id,movie_id\n" + body)

    as_is = outcome(lambda: read_columns(file, ("user_id", "movie_id"), ()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_parsing, "_parse_plain", lambda *arguments: None)
        thorough = outcome(lambda: read_columns(file, ("user_id", "movie_id"), ()))
    assert as_is == thorough


@settings(max_examples=100)
@given(st.binary(max_size=80), st.booleans())
def test_any_bytes_give_a_table_or_one_line(content: bytes, with_header: bool) -> None:
    content = (b"user_id,movie_id,rating\n" if with_header else b"") + content
    what = outcome(lambda: read_ratings(ratings_file(content)))

    assert isinstance(what, list) or (what.startswith("ratings.csv") and "\n" not in what)
