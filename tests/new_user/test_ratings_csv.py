import csv
import io

import pandas as pd
import pytest

from recsys.data.csv_parsing import CsvFile
from recsys.data.tables import DataError, make_dataset
from recsys.new_user import ratings_csv
from recsys.new_user.ratings_csv import from_csv, to_csv
from recsys.new_user.scale import RatingScale

SCALE = RatingScale(1.0, 5.0, (1.0, 2.0, 3.0, 4.0, 5.0))
IDS = ["1", "7", "=1+1", "a,b", "-3"]
TITLES = ["Fargo (1996)", '=HYPERLINK("http://x")', "@sum", "Über, alles", "+1"]
DATA = make_dataset(
    "films",
    pd.DataFrame({"user_id": "u", "movie_id": IDS, "rating": [1, 2, 3, 4, 5]}),
    movies=pd.DataFrame({"movie_id": IDS, "title": TITLES}),
)
CODE = {id_: code for code, id_ in enumerate(DATA.movies["movie_id"])}


def read(text: str, content: bytes | None = None):
    return from_csv(CsvFile("mine.csv", content or text.encode()), DATA, SCALE)


def test_what_is_written_can_be_read() -> None:
    ratings = {CODE["a,b"]: 4.0, CODE["=1+1"]: 1.0, CODE["1"]: 5.0, CODE["-3"]: 2.0}
    again, left_out = read(to_csv(ratings, DATA))
    assert again == ratings
    assert list(again) == list(ratings)
    assert left_out == []


def test_no_cell_is_a_formula() -> None:
    text = to_csv(dict.fromkeys(range(5), 3.0), DATA)
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")]
    assert to_csv({}, DATA).strip() == "title,movie_id,rating"


def test_rows_that_cannot_be_used_are_named() -> None:
    ratings, left_out = read(
        "movieId,rating\n1,5\n99,3\n7,6\n\n=1+1,abc\n-3,nan\n'-3,4\nx,1\ny,1\nz,1\n"
    )
    assert ratings == {CODE["1"]: 5.0, CODE["-3"]: 4.0}
    assert left_out == [
        "Not in this data set: 99, x, y and 1 more.",
        "Not a rating from 1 to 5: 6 for 7, abc for =1+1, nan for -3.",
    ]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "is empty"),
        ("movie_id,rating\n", "no rows"),
        ("movie;rating\n1;5\n", "no column movie_id"),
        (
            "movie_id,rating\n99,5\n1,77\n",
            "can be used. Not in this data set: 99. Not a",
        ),
        ('movie_id,rating\n"1,5\n', "not valid CSV"),
    ],
)
def test_a_file_without_ratings_says_why(text: str, error: str) -> None:
    with pytest.raises(DataError, match=error):
        read(text)


def test_binary_files_and_large_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="UTF-8"):
        read("", b"\xff\xfe\x00movie")
    monkeypatch.setattr(ratings_csv, "MOST_BYTES", 10)
    with pytest.raises(DataError, match="more than"):
        read("movie_id,rating\n1,5\n")


def test_more_ratings_than_can_be_kept_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratings_csv, "MOST_RATINGS", 2)
    ratings, left_out = read("movie_id,rating\n1,5\n7,4\n-3,1\n1,2\n")
    assert ratings == {CODE["1"]: 2.0, CODE["7"]: 4.0}  # of two for a movie, the last
    assert left_out == ["Only the first 2 ratings were taken."]
