import dataclasses
from itertools import pairwise
from typing import Any

import altair as alt
import pytest

from pages.ui.charts import theme
from pages.ui.charts.thin import POINTS, thin
from pages.ui.train import charts, curves
from recsys.config import RunConfig, make_config
from recsys.runs.records import EpochRecord, Run
from tests.pages.chart_specs import layers
from tests.pages.made_charts import check_panel
from tests.pages.made_runs import made_run


def config(retrieval_weight: float, rating_weight: float) -> RunConfig:
    return make_config({"retrieval_weight": retrieval_weight, "rating_weight": rating_weight})


RECORDS = (
    EpochRecord(1, 0.9, 0.6, 1.5, 0.95, 0.7, {"rmse": 1.1, "recall@20": 0.1}, 1.0),
    EpochRecord(2, 0.8, 0.4, 1.2, None, None, {}, 2.0),
)


def row(epoch: int, **values: float) -> dict[str, float | None]:
    empty = {"train": None, "validation": None, "compared": None}
    return {"epoch": epoch, **empty, **values}


def test_curve_rows_hold_the_parts_that_were_measured() -> None:
    assert charts.curve_rows("rating_loss", RECORDS) == [
        row(1, train=0.6, validation=0.7),
        row(2, train=0.4),
    ]
    assert charts.curve_rows("rmse", RECORDS) == [row(1, validation=1.1)]
    assert charts.curve_rows("ndcg@20", RECORDS) == []


def test_ghost_that_was_never_validated_is_drawn_on_train() -> None:
    other = (EpochRecord(1, 0.9, 0.5, 1.4), EpochRecord(2, 0.7, 0.3, 1.0))
    rows = charts.curve_rows("rating_loss", (), other)
    assert [one["compared"] for one in rows] == [0.5, 0.3]


def test_ghost_stands_beside_the_epoch_and_may_be_longer() -> None:
    other = (EpochRecord(1, 0.9, 0.5, 1.4), EpochRecord(3, 0.7, 0.3, 1.0, 0.8, 0.45))
    assert charts.curve_rows("rating_loss", RECORDS, other) == [
        row(1, train=0.6, validation=0.7),  # measured on validation only in its third epoch
        row(2, train=0.4),
        row(3, compared=0.45),
    ]


def test_baseline_rows_hold_only_baselines_with_the_metric() -> None:
    baselines = {"most popular": {"recall@20": 0.17}, "user + movie bias": {"rmse": 0.94}}
    assert charts.baseline_rows(baselines, "rmse") == [
        {"label": "user + movie bias", "value": 0.94}
    ]


@pytest.mark.parametrize("epochs", [1, 7, 300])
@pytest.mark.parametrize("records", [(), RECORDS[:1], RECORDS])
@pytest.mark.parametrize("term", curves.CURVES)
def test_charts_are_valid_from_the_first_moment(
    term: str, records: tuple[EpochRecord, ...], epochs: int
) -> None:
    baselines = {"b": {"validation": {"rmse": 0.9, "recall@20": 0.1}}}
    check_panel(curves.curve(term, make_config({"epochs": epochs}), records, baselines))


@pytest.mark.parametrize("term", curves.CURVES)
def test_new_epoch_needs_no_new_specification(term: str) -> None:
    before, after = (curves.curve(term, config(1, 1), RECORDS[:done], {}) for done in (1, 2))
    assert before.settings == after.settings
    assert before.to_dict() == after.to_dict()


def stored(records: tuple[EpochRecord, ...], **config: Any) -> Run:
    return dataclasses.replace(made_run("f" * 12, **config), history=records)


def drawn(term: str, done: int, epochs: int = 24, other: Run | None = None) -> alt.LayerChart:
    panel = curves.curve(term, make_config({"epochs": epochs}), RECORDS[:done], {}, other)
    chart = panel.draw(*panel.settings)
    assert isinstance(chart, alt.LayerChart)
    return chart


def domains(chart: alt.LayerChart, channel: str) -> set[tuple[float, float]]:
    lines = layers(chart, "line")
    return {tuple(layer.encoding[channel]["scale"]["domain"]) for layer in lines}


def test_epoch_axis_spans_all_epochs_of_both_runs_before_they_are_done() -> None:
    other = stored(tuple(EpochRecord(e, 0.9, 0.5, 1.4, 0.9, 0.5) for e in range(1, 31)))
    assert domains(drawn("rating_loss", 1), "x") == {(1, 24)}
    assert domains(drawn("rating_loss", 1, other=other), "x") == {(1, 30)}


@pytest.mark.parametrize("term", curves.CURVES)
def test_all_curves_of_a_chart_have_one_axis_that_stays_while_it_trains(term: str) -> None:
    first = EpochRecord(1, 0.9, 0.9, 1.8, 0.9, 0.9, {"rmse": 1.2, "recall@20": 0.3})
    other = stored((first, EpochRecord(2, 0.4, 0.4, 0.8, 0.4, 0.4)))
    before, after = (ends_of_curves(term, done, other) for done in (1, 2))
    assert len(before) == 1
    assert before == after


def ends_of_curves(term: str, done: int, other: Run) -> set[tuple[float, ...]]:
    """Return the ends of the y axis of all curves of a chart, as the page draws them."""
    panel = curves.curve(term, make_config({"epochs": 24}), RECORDS[:done], {}, other)
    spec = panel.to_dict()
    assert panel.domain is not None
    theme.set_domain(spec, panel.domain)
    lines = [layer for layer in spec["layer"] if layer["mark"]["type"] == "line"]
    assert lines
    return {tuple(layer["encoding"]["y"]["scale"]["domain"]) for layer in lines}


def test_ghost_is_drawn_for_tasks_that_its_run_learns() -> None:
    retrieval_only = stored(RECORDS, rating_weight=0.0)
    assert len(layers(drawn("retrieval_loss", 2, other=retrieval_only), "line")) == 3
    assert len(layers(drawn("rating_loss", 2, other=retrieval_only), "line")) == 2


def test_crosshair_tells_the_values_of_both_runs_at_the_nearest_epoch() -> None:
    other = stored(RECORDS)
    rule = layers(drawn("rmse", 2, other=other), "rule")[-1]
    told = {one["field"]: one.get("title") for one in rule.encoding["tooltip"]}
    assert told == {"epoch": None, "validation": "this run", "compared": "compared run"}
    params = drawn("rmse", 2, other=other).to_dict()["params"]
    (near,) = [one for one in params if one["name"] == charts.NEAR]
    assert near["select"]["nearest"]
    assert near["select"]["fields"] == ["epoch"]


def test_long_curve_keeps_its_ends_its_best_value_and_its_peaks() -> None:
    rows = [{"epoch": epoch, "value": 1 / epoch} for epoch in range(1, 1001)]
    rows[400]["value"], rows[700]["value"] = 9.0, -9.0
    thinned = thin(rows)
    assert len(thinned) <= POINTS
    assert [thinned[0], thinned[-1]] == [rows[0], rows[-1]]
    assert rows[400] in thinned
    assert rows[700] in thinned
    epochs = [row["epoch"] for row in thinned]
    assert epochs == sorted(epochs)
    assert max(b - a for a, b in pairwise(epochs)) < 25


def test_short_curves_are_left_as_they_are() -> None:
    rows = [{"epoch": e, "part": p, "value": 0.5} for e in range(150) for p in ("a", "b")]
    assert thin(rows, by="part") == rows


def test_several_long_curves_are_thinned_one_by_one() -> None:
    records = [EpochRecord(e, e % 7, 0.5, 1.0, 0.6, 0.6) for e in range(1, 1001)]
    rows = charts.curve_rows("retrieval_loss", records)
    for part in ("train", "validation"):
        own = [row["epoch"] for row in rows if row[part] is not None]
        assert len(own) <= POINTS
        assert (own[0], own[-1]) == (1, 1000)


@pytest.mark.parametrize("term", curves.CURVES)
def test_reference_lines_keep_their_own_rows_beside_those_of_the_curve(term: str) -> None:
    """Data that Altair lifts to the top of the specification would replace the curve's rows."""
    baselines = {"bias": {"validation": {"rmse": 0.94, "recall@20": 0.17}}}
    spec = curves.curve(term, config(1, 1), RECORDS, baselines).to_dict()
    assert "data" not in spec
    own = [layer for layer in spec["layer"] if "values" in layer.get("data", {})]
    rules = [layer for layer in own if layer["mark"]["type"] == "rule"]
    values = [row["value"] for rule in rules for row in rule["data"]["values"]]
    trivial = {"retrieval_loss": [1.0], "rating_loss": [1.0]}
    assert values == (trivial | {"rmse": [0.94], "recall@20": [0.17]}).get(term, [])
