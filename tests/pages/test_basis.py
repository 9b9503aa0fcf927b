"""What figures are measured on, as the pages say it."""

import numpy as np
import pytest

from pages.ui import cache
from pages.ui.basis import basis, part_words
from recsys.config import make_config
from recsys.evaluation.evaluate import Part
from tests.pages.small_lab import Lab, OpenPage, make_run

PARTS: tuple[Part, ...] = ("holdout", "validation")


def expected(lab: Lab, part: Part) -> str:
    rows = getattr(cache.split(make_config({"data": lab.data})), part)
    return f"{part_words(part)}: {len(np.unique(rows.users))} users, {len(rows)} ratings"


@pytest.mark.parametrize("part", PARTS)
def test_basis_names_the_part_and_counts_its_users_and_ratings(lab: Lab, part: Part) -> None:
    assert basis(make_config({"data": lab.data}), part) == expected(lab, part)


@pytest.mark.parametrize("part", PARTS)
def test_compare_says_what_its_figures_are_measured_on(
    lab: Lab, open_page: OpenPage, part: Part
) -> None:
    app = open_page("pages/3_Compare.py", part=part)
    said = [one.value for one in app.caption if one.value.startswith(f"On {expected(lab, part)}")]
    assert len(said) == 2  # above the first table, and below the second


def test_compare_says_which_model_of_all_ratios_its_figures_are_of(
    lab: Lab, open_page: OpenPage
) -> None:
    config = make_config({"data": lab.data, "all_ratios": True})
    run, scorer = make_run(config, created="2026-03-01T00:00:00+00:00")
    lab.store.save(run, scorer)
    said = "Of a run with all ratios: the model at 1 : 1"
    for runs, expected_ in ((f"{run.run_id},{lab.runs[0]}", True), (lab.runs[0], False)):
        app = open_page("pages/3_Compare.py", runs=runs)
        assert any(said in one.value for one in app.caption) == expected_


@pytest.mark.parametrize("part", PARTS)
def test_trade_off_says_what_the_chosen_point_is_measured_on(
    lab: Lab, open_page: OpenPage, part: Part
) -> None:
    app = open_page("pages/2_Trade-off.py", part=part, run=lab.runs[2], sharing="part")
    assert f"On {expected(lab, part)}." in [one.value for one in app.caption]
