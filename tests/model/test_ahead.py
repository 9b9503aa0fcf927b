"""A worker that has prepared a sweep trains it on the graphs that are there, with equal results."""

from itertools import chain, repeat

import numpy as np
import pandas as pd
import pytest

from recsys.config import RunConfig
from recsys.data.tables import Dataset, make_dataset
from recsys.experiment import prepare, split_for
from recsys.model import traced
from recsys.model.training import train
from recsys.tradeoff.sweep import sweep_configs
from tests.synthetic import small_config


@pytest.fixture(autouse=True)
def no_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start every test without a kept graph."""
    monkeypatch.setattr(traced, "_kept", [])


@pytest.fixture
def dataset() -> Dataset:
    random = np.random.default_rng(0)
    users, movies = np.nonzero(random.random((40, 30)) < 0.5)
    stars = random.integers(1, 6, len(users)).astype(float)
    columns = {"user_id": users.astype(str), "movie_id": movies.astype(str), "rating": stars}
    return make_dataset("tiny", pd.DataFrame(columns))


def config(**fields: object) -> RunConfig:
    return small_config(**{"epochs": 6, "batch_size": 100} | fields)


def never() -> bool:
    return False


def traces(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return a list that grows with each new graph."""
    made: list[object] = []
    real = traced._trace
    monkeypatch.setattr(traced, "_trace", lambda *given: (made.append(given), real(*given))[1])
    return made


def test_prepared_sweep_needs_no_other_graph(dataset, monkeypatch) -> None:
    prepare(config(), dataset, never)
    made = traces(monkeypatch)
    for one in sweep_configs(config(seed=3, learning_rate=0.02), 5):
        train(one, split_for(one, dataset))
    assert not made


def test_prepared_training_gives_the_same_model(dataset) -> None:
    expected = train(config(), split_for(config(), dataset)).scorer.to_arrays()
    traced.forget()
    prepare(config(), dataset, never)
    found = train(config(), split_for(config(), dataset)).scorer.to_arrays()
    for name, values in expected.items():
        if values.dtype.kind == "f":
            np.testing.assert_allclose(found[name], values, rtol=1e-4, atol=1e-6, err_msg=name)


def test_line_is_prepared_as_one_graph(dataset, monkeypatch) -> None:
    line = config(sharing="tied", all_ratios=True)
    prepare(line, dataset, never)
    made = traces(monkeypatch)
    train(line, split_for(line, dataset))
    assert len(traced._kept) == 1
    assert not made


def test_graph_that_is_there_is_not_traced_again(dataset, monkeypatch) -> None:
    prepare(config(), dataset, never)
    made = traces(monkeypatch)
    prepare(config(seed=9), dataset, never)
    assert not made


def test_stop_ends_it_before_the_next_graph(dataset) -> None:
    answers = chain([False], repeat(True))
    prepare(config(), dataset, lambda: next(answers))
    assert len(traced._kept) == 1
