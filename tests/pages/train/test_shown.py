import dataclasses

import pytest

from pages.ui.train.shown import choose_shown
from pages.ui.view import View
from recsys.config import make_config
from recsys.jobs.board import Job
from tests.pages.made_runs import made_run

RUN = made_run("a" * 12)
DATA = RUN.fingerprint
FORM = make_config({"rating_weight": 0.3})


def differing(form: dict[str, object], **run: object) -> str:
    return choose_shown(
        View(run=made_run("a" * 12, **run)), make_config(form), DATA, View()
    ).changed


def test_run_of_the_settings_in_the_form_is_shown_as_theirs() -> None:
    assert choose_shown(View(run=RUN), RUN.config, DATA, View()).changed == ""
    stopped = dataclasses.replace(RUN, run_id="a" * 12 + "-stopped-9", status="stopped")
    assert choose_shown(View(run=stopped), RUN.config, DATA, View()).view.run == stopped


def test_finished_run_of_the_form_comes_before_one_of_other_settings() -> None:
    own = View(run=made_run("b" * 12, rating_weight=0.3))
    shown = choose_shown(View(run=RUN), FORM, DATA, own)
    assert (shown.view, shown.changed) == (own, "")
    job = View(job=Job("b" * 12, FORM))
    assert choose_shown(View(), FORM, DATA, job).view == job


def test_failure_is_told_until_the_form_changes() -> None:
    failed = View(problem="This run failed: no memory.", failed=FORM)
    assert choose_shown(failed, FORM, DATA, View()).view == failed
    assert choose_shown(failed, RUN.config, DATA, View()).view == View()


def test_result_on_ratings_that_have_changed_since_is_named() -> None:
    assert (
        "ratings that have changed"
        in choose_shown(View(run=RUN), RUN.config, "0" * 64, View()).changed
    )


def test_result_is_that_of_other_settings_while_the_form_is_not_valid() -> None:
    assert choose_shown(View(run=RUN), None, None, View()).changed


@pytest.mark.parametrize(
    ("form", "run", "words"),
    [
        ({"rating_weight": 0.3}, {}, "rating weight 1 instead of 0.3"),
        # Defaults of the sharing and of the architecture follow from these.
        ({"sharing": "tied"}, {}, "own and shared vectors instead of tied"),
        (
            {"sharing": "tied", "epochs": 7},
            {},
            "epochs 20 instead of 7, own and shared vectors instead of tied",
        ),
        ({"architecture": "tutorial"}, {}, "architecture duet instead of tutorial"),
        ({"all_ratios": True}, {}, "one ratio only"),
        ({}, {"all_ratios": True}, "all ratios at once"),
        ({"attributes": False}, {}, "attributes on instead of off"),
        ({"data": "1m"}, {}, "data set MovieLens 100K instead of MovieLens 1M"),
        (
            {"rating_weight": 0.3, "epochs": 7, "seed": 1, "data": "1m"},
            {},
            "rating weight 1 instead of 0.3, epochs 20 instead of 7, seed 0 instead of 1, 1 more",
        ),
    ],
)
def test_difference_is_named(form: dict[str, object], run: dict[str, object], words: str) -> None:
    assert differing(form, **run) == words
