from dataclasses import replace

import pytest

from pages.ui.tradeoff_rows import ratios
from pages.ui.tradeoff_why import cosine_rows, norm_rows, panels, share_rows
from recsys.records import EpochRecord, Run
from tests.pages.made_charts import check_panel
from tests.pages.made_runs import made_run, pulled_epoch


def learnt(run_id: str, history: tuple[EpochRecord, ...], **config: object) -> Run:
    return replace(made_run(run_id, **config), history=history)


RUNS = [
    learnt("alone", (EpochRecord(1, 0.5, 0.5, 1.0),), rating_weight=0.0),
    learnt("equal-0", (pulled_epoch(1, 4.0, 1.0, 0.5), pulled_epoch(2, 2.0, 1.0, -0.1)), seed=0),
    learnt("equal-1", (pulled_epoch(1, 6.0, 4.0, 0.2),), seed=1),
    learnt("part", (pulled_epoch(1, 1.0, 1.0, 0.0),), sharing="part"),
]


def test_gradients_of_a_ratio_are_means_over_its_epochs_and_seeds() -> None:
    found = ratios(RUNS)
    norms = {(row["sharing"], row["task"]): row["value"] for row in norm_rows(found)}
    assert norms == pytest.approx(
        {
            ("all shared", "retrieval"): 4.0,
            ("all shared", "rating"): 2.0,
            ("part shared", "retrieval"): 1.0,
            ("part shared", "rating"): 1.0,
        }
    )
    cosines = [(row["sharing"], row["weights"], row["share"]) for row in cosine_rows(found)]
    assert cosines == [("all shared", "1 : 1", 0.5), ("part shared", "1 : 1", 0.5)]
    assert cosine_rows(found)[0]["value"] == pytest.approx(0.2)


def test_shares_are_those_of_ratios_that_train_both() -> None:
    runs = [
        replace(run, history=tuple(replace(r, retrieval_share=0.75) for r in run.history))
        for run in RUNS
    ]
    shares = [(row["sharing"], row["task"], row["value"]) for row in share_rows(ratios(runs))]
    assert shares == [
        (kind, task, value)
        for kind in ("all shared", "part shared")
        for task, value in (("retrieval", 0.75), ("rating", 0.25))
    ]


def test_charts_are_valid() -> None:
    shown = panels(ratios(RUNS))
    assert [panel.term for panel in shown] == ["loss_share", "gradient_norm", "gradient_cosine"]
    for panel in shown:
        check_panel(panel)


def test_what_no_run_has_is_not_drawn() -> None:
    assert panels(ratios(RUNS[:1])) == []
