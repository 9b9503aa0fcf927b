"""The text tables of the command line."""

from recsys.cli import report
from recsys.config import make_config
from tests.trial_runs import trial

BASE = make_config({"data": "100k"})
FIRST = trial(BASE, rmse=0.91, ndcg=0.3, run_id="aaaa")
SECOND = trial(
    make_config({"data": "100k", "epochs": 7}), run_id="bbbbbb", metrics={}, name="my own"
)


def test_runs_are_listed_in_aligned_columns() -> None:
    assert report.runs_table([FIRST, SECOND]).splitlines() == [
        "run     trained            data  architecture  weights  name    "
        " Top-100 accuracy  Recall@20  NDCG@20   RMSE",
        "aaaa    2026-01-01T00:00   100k  duet          1 : 1            "
        "                –          –    0.300  0.910",
        "bbbbbb  2026-01-01T00:00   100k  duet          1 : 1    my own  "
        "                –          –        –      –",
    ]


def test_trials_show_changed_settings_and_the_front() -> None:
    head, first, second, note = report.search_table(
        [FIRST, SECOND], BASE, "rmse", "ndcg@20", ["aaaa"]
    ).splitlines()
    assert head.split() == ["run", "RMSE", "NDCG@20", "settings"]
    assert first.split() == ["aaaa", "0.9100", "0.3000", "*"]
    assert second.split() == ["bbbbbb", "–", "–", "epochs=7"]
    assert second.index("epochs=7") == head.index("settings")
    assert note.startswith("On validation. *: ")


def test_recommendations_are_listed_in_aligned_columns() -> None:
    rows = [
        {"rank": 1, "rating": 4.126, "holdout_rating": None, "title": "Heat"},
        {"rank": 10, "rating": 3.0, "holdout_rating": 4.5, "title": "Boot, Das"},
    ]
    assert report.recommendations_table(rows).splitlines() == [
        "        predicted given  title",
        "     1       4.13        Heat",
        "    10       3.00 4.5    Boot, Das",
    ]


def test_empty_table_is_its_header() -> None:
    assert report.recommendations_table([]).split() == ["predicted", "given", "title"]
