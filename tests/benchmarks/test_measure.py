import os

import numpy as np
import pytest

from benchmarks.measure import SHOWN, in_own_process, measure
from benchmarks.systems import PEERS
from recsys.data.tables import Dataset


def test_a_system_is_measured_in_a_process_of_its_own() -> None:
    assert in_own_process(os.getpid) != os.getpid()


def test_popularity_is_measured_on_its_task_only(movielens_100k: Dataset) -> None:
    found = measure(PEERS["Popularity"], {}, (0, 1))
    figures = found.figures()
    assert set(SHOWN) - figures.keys() == {"rmse"}
    # 20,000 of the 100,000 ratings are held out in each split.
    assert [int(table["counts"].sum()) for table in found.tables] == [20_000, 20_000]
    means = [table["ndcg@20"].mean() for table in found.tables]
    assert figures["ndcg@20"] == pytest.approx(np.mean(means))
    assert 0.19 < figures["ndcg@20"] < 0.23
    assert len(found.fit_seconds) == 2
    assert found.median_fit_seconds == pytest.approx(np.median(found.fit_seconds))
    assert found.peak_mb > 50
