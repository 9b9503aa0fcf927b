from dataclasses import replace

import pytest

from pages.ui.charts import theme
from pages.ui.tradeoff.ratio_scale import GAP
from pages.ui.tradeoff.why import cosine_panel, cosine_rows, norm_rows, panels, share_rows
from recsys.ratio import position_of
from recsys.runs.names import SHARING_NAMES
from recsys.runs.records import EpochRecord, LinePoint, Run
from recsys.tradeoff.result import ratios
from tests.pages.chart_specs import Layer, only
from tests.pages.made_charts import check_panel
from tests.pages.made_runs import made_run, pulled_epoch

ALL, PART = SHARING_NAMES["all"], SHARING_NAMES["part"]


def learnt(run_id: str, history: tuple[EpochRecord, ...], **config: object) -> Run:
    return replace(made_run(run_id, **{"sharing": "all"} | config), history=history)


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
            (ALL, "retrieval"): 4.0,
            (ALL, "rating"): 2.0,
            (PART, "retrieval"): 1.0,
            (PART, "rating"): 1.0,
        }
    )
    cosines = [(row["sharing"], row["weights"], row["position"]) for row in cosine_rows(found)]
    assert cosines == [(ALL, "1 : 1", 0.5), (PART, "1 : 1", 0.5)]
    # Of the second half of each run's epochs.
    assert cosine_rows(found)[0]["value"] == pytest.approx((-0.1 + 0.2) / 2)


def test_cosines_of_a_line_stand_for_those_of_single_trainings() -> None:
    points = [
        LinePoint(position=position, metrics={}, gradient_cosine=cosine)
        for position, cosine in ((0.0, 0.1), (0.5, -0.2), (1.0, None))
    ]
    line = replace(made_run("line", all_ratios=True, sharing="all"), line=tuple(points))
    rows = cosine_rows(ratios(RUNS), [line])
    assert [(row["sharing"], row["weights"], row["value"]) for row in rows] == [
        (ALL, "1 : 0.033", 0.1),
        (ALL, "1 : 1", -0.2),
        (PART, "1 : 1", 0.0),
    ]


def test_shares_are_those_of_ratios_that_train_both() -> None:
    runs = [
        replace(run, history=tuple(replace(r, retrieval_share=0.75) for r in run.history))
        for run in RUNS
    ]
    shares = [(row["sharing"], row["task"], row["value"]) for row in share_rows(ratios(runs))]
    assert shares == [
        (kind, task, value)
        for kind in (ALL, PART)
        for task, value in (("retrieval", 0.75), ("rating", 0.25))
    ]


def test_charts_are_valid() -> None:
    shown = panels(ratios(RUNS))
    assert [panel.term for panel in shown] == ["loss_share", "gradient_norm"]
    cosine = cosine_panel(ratios(RUNS))
    assert cosine
    for panel in (*shown, cosine):
        check_panel(panel)


def test_what_no_run_has_is_not_drawn() -> None:
    assert panels(ratios(RUNS[:1])) == []
    assert cosine_panel(ratios(RUNS[:1])) is None


def drawn(term: str, runs: list[Run], mark: str = "line") -> Layer:
    found = [*panels(ratios(runs)), cosine_panel(ratios(runs))]
    (panel,) = [panel for panel in found if panel and panel.term == term]
    return only(panel.draw(*panel.settings), mark, rows=panel.rows)


def norm_line(runs: list[Run]) -> Layer:
    return drawn("gradient_norm", runs)


def cosine_line(runs: list[Run], mark: str = "line") -> Layer:
    return drawn("gradient_cosine", runs, mark)


def test_shares_are_drawn_between_0_and_1_in_the_colours_of_the_tasks() -> None:
    rows = share_rows(ratios(RUNS))
    line = drawn("loss_share", RUNS)
    assert line.field("x") == [0.5] * 4  # equal weights
    assert line.field("y") == [row["value"] for row in rows]
    assert line.scale("y")["domain"] == [0, 1]
    assert line.encoding["color"]["field"] == "task"
    assert line.scale("color") == {
        "domain": ["retrieval", "rating"],
        "range": [theme.RETRIEVAL, theme.RATING],
    }


def test_ways_to_share_differ_by_their_dashes_where_there_are_several() -> None:
    line = norm_line(RUNS)
    assert set(line.field("strokeDash")) == {ALL, PART}
    dashes = line.scale("strokeDash")
    assert dashes["domain"] == [ALL, PART]
    assert dashes["range"][0] != dashes["range"][1]
    assert line.encoding["strokeDash"]["legend"]
    # Dots of the line's own would be in the legend too, and draw its dashes transparent.
    assert "point" not in line.properties
    assert norm_line(RUNS[:3]).encoding["strokeDash"]["legend"] is None


def test_gradient_norms_lie_on_a_log_axis_with_a_tick_for_each_power_of_ten() -> None:
    line = norm_line(RUNS)
    assert line.scale("y")["type"] == "log"
    assert sorted(line.field("y")) == pytest.approx([1.0, 1.0, 2.0, 4.0])
    assert line.encoding["y"]["axis"]["values"] == [1.0, 10.0]


def test_axis_is_logarithmic_with_the_single_tasks_beside_it() -> None:
    heavy = learnt("heavy", (pulled_epoch(1, 1.0, 1.0, 0.0),), rating_weight=0.1)
    line = norm_line([*RUNS, heavy])
    places = {row["weights"]: row["place"] for row in line.rows}
    expected = {"1 : 0.1": position_of(1, 0.1), "1 : 1": 0.5}
    assert places == pytest.approx(expected, abs=1e-5)
    x = line.encoding["x"]
    assert x["scale"]["domain"] == [-GAP, 1 + GAP]
    assert x["axis"]["values"][0] == -GAP
    assert "'1 : 0'" in x["axis"]["labelExpr"]
    assert "0.500000) < 1e-4 ? '1 : 1'" in x["axis"]["labelExpr"]


def test_axis_reaches_to_a_ratio_beyond_the_line() -> None:
    far = learnt("far", (pulled_epoch(1, 1.0, 1.0, 0.0),), rating_weight=0.001)
    low, high = norm_line([*RUNS, far]).scale("x")["domain"]
    assert low == pytest.approx(position_of(1, 0.001) - GAP, abs=1e-5)
    assert high == 1 + GAP


@pytest.mark.parametrize("cosine", [0.0, -0.8, 1.0])
def test_cosine_axis_has_0_in_its_middle_and_holds_every_value(cosine: float) -> None:
    runs = [*RUNS, learnt("more", (pulled_epoch(1, 1.0, 1.0, cosine),), rating_weight=2.0)]
    line = cosine_line(runs)
    low, high = line.scale("y")["domain"]
    assert low == -high
    assert max(map(abs, line.field("y"))) <= high <= 1
    assert cosine_line(runs, "rule").field("y") == [0.0]
