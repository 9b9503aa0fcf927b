import pytest

from recsys.data.library import load_dataset
from recsys.data.splits import Split, make_split
from recsys.data.tables import Dataset
from recsys.scorer import TwoTowerScorer
from tests.pages.small_lab import Lab


@pytest.fixture
def scene(lab: Lab) -> tuple[Dataset, Split, TwoTowerScorer]:
    config = lab.store.load(lab.runs[2]).config
    data = load_dataset(lab.data)
    split = make_split(data, kind="random", holdout=0.1, validation=0.1, seed=config.split_seed)
    return data, split, lab.store.scorer(lab.runs[2])
