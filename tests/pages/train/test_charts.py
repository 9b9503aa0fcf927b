from itertools import pairwise

import pytest

from pages.ui.charts.thin import POINTS, thin
from pages.ui.train import charts, results
from recsys.config import RunConfig, make_config
from recsys.runs.records import EpochRecord
from tests.pages.made_charts import check_panel


def config(retrieval_weight: float, rating_weight: float) -> RunConfig:
    return make_config({"retrieval_weight": retrieval_weight, "rating_weight": rating_weight})


RECORDS = (
    EpochRecord(1, 0.9, 0.6, 1.5, 0.95, 0.7, {"rmse": 1.1, "recall@20": 0.1}, 1.0),
    EpochRecord(2, 0.8, 0.4, 1.2, None, None, {}, 2.0),
)


def test_loss_rows_without_validation_hold_train_only() -> None:
    assert charts.loss_rows(RECORDS, "rating") == [
        {"epoch": 1, "part": "train", "value": 0.6},
        {"epoch": 1, "part": "validation", "value": 0.7},
        {"epoch": 2, "part": "train", "value": 0.4},
    ]


def test_metric_rows_skip_epochs_that_were_not_measured() -> None:
    assert charts.metric_rows(RECORDS, "rmse") == [{"epoch": 1, "value": 1.1}]
    assert charts.metric_rows(RECORDS, "ndcg@20") == []


def test_baseline_rows_hold_only_baselines_with_the_metric() -> None:
    baselines = {"most popular": {"recall@20": 0.17}, "user + movie bias": {"rmse": 0.94}}
    assert charts.baseline_rows(baselines, "rmse") == [
        {"label": "user + movie bias", "value": 0.94}
    ]


@pytest.mark.parametrize("epochs", [1, 7, 300])
@pytest.mark.parametrize("records", [(), RECORDS[:1], RECORDS])
@pytest.mark.parametrize("term", results.CURVES)
def test_charts_are_valid_from_the_first_moment(
    term: str, records: tuple[EpochRecord, ...], epochs: int
) -> None:
    baselines = {"b": {"validation": {"rmse": 0.9, "recall@20": 0.1}}}
    check_panel(results.curve(term, make_config({"epochs": epochs}), records, baselines))


@pytest.mark.parametrize("term", results.CURVES)
def test_new_epoch_needs_no_new_specification(term: str) -> None:
    before, after = (results.curve(term, config(1, 1), RECORDS[:done], {}) for done in (1, 2))
    assert before.settings == after.settings
    assert before.to_dict() == after.to_dict()


def test_epoch_axis_spans_all_epochs_before_they_are_done() -> None:
    chart = charts.loss_chart("rating", 24).to_dict()
    domains = [
        layer["encoding"]["x"]["scale"]["domain"]
        for layer in chart["layer"]
        if "scale" in layer.get("encoding", {}).get("x", {})
    ]
    assert domains == [[1, 24]]


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
    rows = charts.loss_rows(records, "retrieval")
    for part in ("train", "validation"):
        own = [row["epoch"] for row in rows if row["part"] == part]
        assert len(own) <= POINTS
        assert (own[0], own[-1]) == (1, 1000)


@pytest.mark.parametrize("term", results.CURVES)
def test_reference_lines_keep_their_own_rows_beside_those_of_the_curve(term: str) -> None:
    """Data that Altair lifts to the top of the specification would replace the curve's rows."""
    baselines = {"bias": {"validation": {"rmse": 0.94, "recall@20": 0.17}}}
    spec = results.curve(term, config(1, 1), RECORDS, baselines).to_dict()
    assert "data" not in spec
    rules = [layer for layer in spec["layer"] if layer["mark"]["type"] == "rule"]
    values = [row["value"] for rule in rules for row in rule["data"]["values"]]
    trivial = {"retrieval_loss": [1.0], "rating_loss": [1.0]}
    assert values == (trivial | {"rmse": [0.94], "recall@20": [0.17]}).get(term, [])
