from collections.abc import Callable

import pytest

from pages.ui.new_user.scene import Scene, load_scene
from recsys.config import make_config
from recsys.data.library import load_dataset
from recsys.experiment import split_for
from recsys.runs.records import Run
from tests.explanations.pooled_model import pooled_model
from tests.pages.small_lab import Lab, make_run

StorePooled = Callable[..., Run]


@pytest.fixture
def store_pooled(lab: Lab) -> StorePooled:
    """Store a run whose model pools histories; its numbers are random."""

    def store(seed: int = 0, **fields: object) -> Run:
        config = make_config({"data": lab.data, "seed": seed} | fields)
        run, _ = make_run(config, created=f"2026-03-01T00:00:0{seed}+00:00", name=f"pooled {seed}")
        lab.store.save(run, pooled_model(split_for(config, load_dataset(lab.data)), seed))
        return run

    return store


@pytest.fixture
def scene(store_pooled: StorePooled) -> Scene:
    """One run with a model that can serve a new user."""
    run = store_pooled(1)
    return load_scene([run], {run.run_id: "one"}, 0.5)
