import numpy as np
import pytest

from pages.ui.new_user.taste import (
    MOST_IN_URL,
    MOST_LETTERS,
    Taste,
    from_browser,
    from_text,
    to_text,
)
from recsys.new_user.scale import RatingScale

SCALE = RatingScale(1.0, 5.0, (1.0, 2.0, 3.0, 4.0, 5.0))
HALVES = RatingScale(0.5, 5.0, tuple(np.arange(1, 11) / 2))
IDS = np.array(["50", "a:b,c%3A", "film é", "100"], object)
CODES = {id_: code for code, id_ in enumerate(IDS)}


def test_ratings_in_the_url_are_short_and_come_back() -> None:
    assert to_text({0: 5.0, 3: 4.0}, IDS) == "50:5,100:4"
    ratings = {2: 4.5, 1: 0.5, 0: 5.0}
    text = to_text(ratings, IDS)
    assert text is not None
    back = from_text(text, CODES, HALVES)
    assert (back.ratings, list(back.ratings), back.notice) == (ratings, [2, 1, 0], "")


def test_no_ratings_and_too_many_have_no_text() -> None:
    ids = np.array([str(n) for n in range(MOST_IN_URL + 1)], object)
    assert to_text({}, ids) is None
    assert to_text(dict.fromkeys(range(MOST_IN_URL), 5.0), ids) is not None
    assert to_text(dict.fromkeys(range(MOST_IN_URL + 1), 5.0), ids) is None
    long = np.array(["x" * MOST_LETTERS], object)
    assert to_text({0: 5.0}, long) is None
    assert Taste({0: 5.0}, text=None).is_too_long_for_url
    assert not Taste().is_too_long_for_url


@pytest.mark.parametrize(
    ("text", "ratings", "unusable"),
    [
        ("50:5,100:4", {0: 5, 3: 4}, 0),
        ("50:5,50:3", {0: 3}, 1),
        ("50:5,99:4,100:x,:,100,nonsense", {0: 5}, 5),
        ("50:9,100:-1,50:nan,100:inf,50:1e999", {}, 5),
        (",,,", {}, 0),
        ("<script>:5,![x](http://y):5", {}, 2),
        ("50:5" * 10_000, {}, 1),
        ("%:5,%ZZ:5,50:4.2", {0: 4}, 2),
    ],
)
def test_wrong_entries_of_a_link_are_left_out_and_counted(text, ratings, unusable) -> None:
    taste = from_text(text, CODES, SCALE)
    assert taste.ratings == ratings
    assert taste.text == text
    assert len(taste.unusable) == unusable


def message(**changes: object) -> dict:
    return {"number": 1, "ratings": [["50", 5]], "skipped": ["100", "?"], "query": "fa"} | changes


def test_the_browsers_message_is_kept() -> None:
    taste = from_browser(message(), Taste(), CODES, SCALE)
    assert taste is not None
    assert (taste.ratings, taste.skipped, taste.query, taste.answered) == ({0: 5}, (3,), "fa", 1)


@pytest.mark.parametrize(
    "told",
    [
        None,
        "x",
        {},
        message(number="x"),
        message(ratings=[["50"]]),
        message(ratings=5),
        message(skipped=None),
        message(number=0),  # an older message than the one answered
    ],
)
def test_what_makes_no_sense_is_no_message(told: object) -> None:
    assert from_browser(told, Taste(), CODES, SCALE) is None


def test_wrong_ratings_of_the_browser_are_left_out() -> None:
    told = message(ratings=[["50", 9], ["?", 5], ["100", "x"], ["100", None], ["film é", 3]])
    taste = from_browser(told, Taste(), CODES, SCALE)
    assert taste is not None
    assert taste.ratings == {2: 3}
