from dataclasses import replace

import altair as alt
import pytest

from pages.ui.charts import ratios as charts
from pages.ui.tradeoff_rows import ratios
from pages.ui.tradeoff_why import pull_rows
from recsys.records import EpochRecord, Run
from tests.pages.made_runs import made_run


def epoch(number: int, *pulls: float) -> EpochRecord:
    retrieval, rating, cosine = pulls
    return EpochRecord(
        number,
        0.5,
        0.5,
        1.0,
        retrieval_gradient_norm=retrieval,
        rating_gradient_norm=rating,
        gradient_cosine=cosine,
    )


def learnt(run_id: str, history: tuple[EpochRecord, ...], **config: object) -> Run:
    return replace(made_run(run_id, **config), history=history)


RUNS = [
    learnt("alone", (EpochRecord(1, 0.5, 0.5, 1.0),), rating_weight=0.0),
    learnt("equal-0", (epoch(1, 4.0, 1.0, 0.5), epoch(2, 2.0, 1.0, -0.1)), seed=0),
    learnt("equal-1", (epoch(1, 6.0, 4.0, 0.2),), seed=1),
    learnt("part", (epoch(1, 1.0, 1.0, 0.0),), sharing="part"),
]


def test_pulls_of_a_ratio_are_means_over_its_epochs_and_seeds() -> None:
    rows = {(row["kind"], row["weights"]): row for row in pull_rows(ratios(RUNS))}
    assert rows.keys() == {("all", "1 : 1"), ("part", "1 : 1")}
    row = rows["all", "1 : 1"]
    assert (row["retrieval"], row["rating"], row["cosine"]) == pytest.approx((4.0, 2.0, 0.2))
    assert row["share"] == 0.5


def test_charts_are_valid() -> None:
    rows = pull_rows(ratios(RUNS))
    for draw in (charts.norm_chart, charts.cosine_chart):
        assert alt.Chart.from_dict(draw(rows).to_dict()) is not None
