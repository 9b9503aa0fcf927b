from dataclasses import replace

import altair as alt
import pytest

from pages.ui.charts import ratios as charts
from pages.ui.tradeoff_why import cosine_rows, norm_rows, share_rows
from recsys.records import EpochRecord, Run
from recsys.result import ratios
from tests.pages.made_runs import made_run, pulled_epoch


def learnt(run_id: str, history: tuple[EpochRecord, ...], **config: object) -> Run:
    return replace(made_run(run_id, **config), history=history)


RUNS = [
    learnt("alone", (EpochRecord(1, 0.5, 0.5, 1.0),), rating_weight=0.0),
    learnt("equal-0", (pulled_epoch(1, 4.0, 1.0, 0.5), pulled_epoch(2, 2.0, 1.0, -0.1)), seed=0),
    learnt("equal-1", (pulled_epoch(1, 6.0, 4.0, 0.2),), seed=1),
    learnt("part", (pulled_epoch(1, 1.0, 1.0, 0.0),), sharing="part"),
]


def test_pulls_of_a_ratio_are_means_over_its_epochs_and_seeds() -> None:
    found = ratios(RUNS)
    norms = {(row["kind"], row["task"]): row["value"] for row in norm_rows(found)}
    assert norms == pytest.approx(
        {
            ("all", "retrieval"): 4.0,
            ("all", "rating"): 2.0,
            ("part", "retrieval"): 1.0,
            ("part", "rating"): 1.0,
        }
    )
    cosines = [(row["kind"], row["weights"], row["share"]) for row in cosine_rows(found)]
    assert cosines == [("all", "1 : 1", 0.5), ("part", "1 : 1", 0.5)]
    assert cosine_rows(found)[0]["value"] == pytest.approx(0.2)


def test_shares_are_those_of_ratios_that_train_both() -> None:
    runs = [
        replace(run, history=tuple(replace(r, retrieval_share=0.75) for r in run.history))
        for run in RUNS
    ]
    shares = [(row["kind"], row["task"], row["value"]) for row in share_rows(ratios(runs))]
    assert shares == [
        (kind, task, value)
        for kind in ("all", "part")
        for task, value in (("retrieval", 0.75), ("rating", 0.25))
    ]


def test_charts_are_valid() -> None:
    found = ratios(RUNS)
    for draw, rows in (
        (charts.share_chart, share_rows(found)),
        (charts.norm_chart, norm_rows(found)),
        (charts.cosine_chart, cosine_rows(found)),
    ):
        assert alt.Chart.from_dict(draw(rows).to_dict()) is not None
