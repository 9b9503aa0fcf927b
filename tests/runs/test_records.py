"""Runs and epoch records as files."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from recsys.runs.records import EpochRecord, LinePoint, read_history, write_history

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
