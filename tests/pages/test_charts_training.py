import altair as alt
import pytest

from pages.ui.charts import training
from recsys.config import RunConfig, make_config
from recsys.runs.records import EpochRecord


def config(retrieval_weight: float, rating_weight: float) -> RunConfig:
    return make_config({"retrieval_weight": retrieval_weight, "rating_weight": rating_weight})


RECORDS = (
    EpochRecord(1, 0.9, 0.6, 1.5, 0.95, 0.7, {"rmse": 1.1, "recall@20": 0.1}, 1.0),
    EpochRecord(2, 0.8, 0.4, 1.2, None, None, {}, 2.0),
)


def test_loss_rows_without_validation_hold_train_only() -> None:
    assert training.loss_rows(RECORDS, "rating") == [
        {"epoch": 1, "part": "train", "loss": 0.6},
        {"epoch": 1, "part": "validation", "loss": 0.7},
        {"epoch": 2, "part": "train", "loss": 0.4},
    ]


def test_metric_rows_skip_epochs_that_were_not_measured() -> None:
    assert training.metric_rows(RECORDS, "rmse") == [{"epoch": 1, "value": 1.1}]
    assert training.metric_rows(RECORDS, "ndcg@20") == []


def test_baseline_rows_hold_only_baselines_with_the_metric() -> None:
    baselines = {"most popular": {"recall@20": 0.17}, "user + movie bias": {"rmse": 0.94}}
    assert training.baseline_rows(baselines, "rmse") == [
        {"label": "user + movie bias", "value": 0.94}
    ]


@pytest.mark.parametrize("epochs", [1, 7, 300])
@pytest.mark.parametrize("records", [(), RECORDS])
def test_charts_are_valid_from_the_first_moment(
    records: tuple[EpochRecord, ...], epochs: int
) -> None:
    lines = training.baseline_rows({"b": {"rmse": 0.9}}, "rmse")
    charts = [
        training.loss_chart(training.loss_rows(records, "retrieval"), "retrieval", epochs),
        training.metric_chart(training.metric_rows(records, "rmse"), "rmse", lines, epochs),
    ]
    for chart in charts:
        assert alt.Chart.from_dict(chart.to_dict()) is not None  # the Vega-Lite schema accepts it


def test_epoch_axis_spans_all_epochs_before_they_are_done() -> None:
    chart = training.loss_chart(training.loss_rows(RECORDS, "rating"), "rating", 24).to_dict()
    domains = [
        layer["encoding"]["x"]["scale"]["domain"]
        for layer in chart["layer"]
        if "scale" in layer.get("encoding", {}).get("x", {})
    ]
    assert domains == [[1, 24]]
