import csv
import io

import pandas as pd
import pyarrow as pa
import pytest

from recsys.spreadsheet import inert, inert_csv

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx"]
PLAIN = ["a=b", "1", "", "'=1", "Alien (1979)"]


def rows_of(frame: pd.DataFrame) -> list[list[str]]:
    return list(csv.reader(io.StringIO(inert_csv(frame), newline="")))


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_would_be_a_formula_gets_an_apostrophe(text):
    (row,) = rows_of(pd.DataFrame({"title": [text]}))[1:]
    # A line break became a space, and a cell that starts with one is no formula.
    assert row == [f" {text[1:]}" if text[0] in "\r\n" else f"'{text}"]
    assert inert(pa.table({"title": [text]})).to_pydict() == {"title": [f"'{text}"]}


@pytest.mark.parametrize("text", PLAIN)
def test_other_text_stays(text):
    assert rows_of(pd.DataFrame({"title": [text], "n": [1]}))[1] == [text, "1"]
    assert inert(pa.table({"title": [text]})).to_pydict() == {"title": [text]}


def test_numbers_stay_numbers_and_what_is_missing_stays_empty():
    frame = pd.DataFrame({"value": [-1.5, None], "name": ["-x", None], "seed": [-1, 0]})
    assert rows_of(frame)[1:] == [["-1.5", "'-x", "-1"], ["", "", "0"]]


def test_a_line_break_begins_no_row():
    frame = pd.DataFrame({"title": ["a\r=1", "b\n=2", "c\r\n=3"], "n": [1, 2, 3]})
    assert rows_of(frame)[1:] == [["a =1", "1"], ["b =2", "2"], ["c =3", "3"]]


def test_headings_are_no_formulas_either():
    assert rows_of(pd.DataFrame({"=x": [1], "minus": [2]}))[0] == ["'=x", "minus"]


def test_columns_of_mixed_objects_are_covered():
    frame = pd.DataFrame({"label": pd.Series(["=x", None, 3, "y"], dtype=object), "n": 1})
    assert rows_of(frame)[1:] == [["'=x", "1"], ["", "1"], ["3", "1"], ["y", "1"]]
    nullable = pd.DataFrame({"label": ["=x", None], "seed": [0, None]}).convert_dtypes()
    assert rows_of(nullable)[1:] == [["'=x", "0"], ["", ""]]


def test_the_frame_itself_is_not_changed():
    frame = pd.DataFrame({"=x": ["=y"]})
    inert_csv(frame)
    assert frame.to_dict("list") == {"=x": ["=y"]}
