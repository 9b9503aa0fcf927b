"""Runs and epoch records as files."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.config import make_config
from recsys.runs.records import (
    EpochRecord,
    LinePoint,
    read_history,
    read_run,
    write_history,
    write_run,
)
from tests.runs.stored_runs import make_run

numbers = st.floats(allow_nan=True, allow_infinity=True)
records = st.builds(
    EpochRecord,
    epoch=st.integers(1, 1000),
    retrieval_loss=numbers,
    rating_loss=numbers,
    total_loss=numbers,
    validation_retrieval_loss=st.none() | numbers,
    validation_rating_loss=st.none() | numbers,
    validation_metrics=st.dictionaries(st.sampled_from(["rmse", "recall@20", "ndcg@20"]), numbers),
    seconds=st.floats(0, 1e6),
    line=st.lists(st.tuples(numbers, numbers, numbers), max_size=3).map(tuple),
)


@given(st.lists(records, max_size=5))
def test_any_history_survives_parquet(history):
    def comparable(record):  # NaN is not equal to itself, and metrics have no order
        metrics = sorted(record.validation_metrics.items())
        return repr((dataclasses.replace(record, validation_metrics={}), metrics))

    read = read_history(write_history(history))
    assert [comparable(record) for record in read] == [comparable(record) for record in history]


def test_line_stored_before_cosines_were_recorded_is_read():
    point = LinePoint.model_validate({"position": 0.5, "metrics": {"holdout": {"rmse": 0.9}}})
    assert point.gradient_cosine is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [({}, False), ({"sharing": "tied"}, False), ({"architecture": "tutorial"}, None)],
)
def test_run_stored_before_dimensions_were_adapted_is_not_said_to_have_done_it(fields, expected):
    files = write_run(make_run(config=make_config(fields)))
    stored = json.loads(files["config.json"])
    del stored["adapt_dimension"]
    older = read_run(files | {"config.json": json.dumps(stored).encode()})
    assert older.config.adapt_dimension is expected
    assert read_run(files).config == make_config(fields)
