"""What figures are measured on, as the pages say it."""

import numpy as np
import pytest

from pages.ui import cache
from pages.ui.basis import basis, part_words
from recsys.config import make_config
from recsys.evaluation.evaluate import Part
from tests.pages.small_lab import Lab, OpenPage

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


@pytest.mark.parametrize("part", PARTS)
def test_trade_off_says_what_the_chosen_point_is_measured_on(
    lab: Lab, open_page: OpenPage, part: Part
) -> None:
    app = open_page("pages/2_Trade-off.py", part=part, run=lab.runs[2], sharing="all")
    assert f"On {expected(lab, part)}." in [one.value for one in app.caption]
