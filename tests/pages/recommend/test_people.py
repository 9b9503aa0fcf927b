import numpy as np
import pytest

from pages.ui import people
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.scorer import TwoTowerScorer


@pytest.mark.parametrize(
    ("known", "text"),
    [
        ({"user_id": "1"}, ""),
        ({"user_id": "1", "age": 49, "gender": "M", "occupation": "writer"}, "writer, 49, male"),
        ({"user_id": "1", "age": None, "occupation": "none", "city": "Rome"}, "city Rome"),
    ],
)
def test_user_is_described_by_what_is_known(known: dict, text: str) -> None:
    assert people.describe(known) == text


def test_examples_are_computed_from_the_split(
    scene: tuple[Dataset, Split, TwoTowerScorer],
) -> None:
    data, split, scorer = scene
    found = {one.label: one.user for one in people.examples(data, split, scorer)}
    counts = np.diff(split.csr("train")[0])
    assert counts[found["Most active"]] == counts.max()
    assert {"Typical", "Newcomer", "Narrow taste", "Best served", "Worst served"} <= set(found)


def test_typical_user_has_median_history_and_median_metric() -> None:
    n_train = np.array([50, 51, 49, 50] + 18 * [2] + 18 * [100])
    eligible = np.arange(40)
    values = np.linspace(0.0, 0.39, 40)
    served = {"users": eligible, "ndcg@20": values}
    # Of the two with the median history of 50, the fourth is nearer to the median NDCG of 0.195.
    assert people._typical(n_train, eligible, served).user == 3


def test_many_users_are_thinned_out_in_the_list(
    scene: tuple[Dataset, Split, TwoTowerScorer],
) -> None:
    data, split, _ = scene
    options = people.user_options(data, split, most=7)
    assert len(options) == 7
    assert next(iter(options)) == split.user_ids[0]
