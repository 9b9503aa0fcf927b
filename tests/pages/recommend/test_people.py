import numpy as np
import pytest

from pages.ui import people
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.recommend import retrieve_then_rate
from recsys.scorer import TwoTowerScorer
from tests.explanations.pooled_model import pooled_model
from tests.synthetic import random_split


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


def test_harsh_critic_has_the_lowest_mean_rating(
    scene: tuple[Dataset, Split, TwoTowerScorer],
) -> None:
    data, split, scorer = scene
    found = {one.label: one for one in people.examples(data, split, scorer)}
    train = split.train
    counts = np.bincount(train.users, minlength=split.n_users)
    users = np.flatnonzero(counts >= min(people.FEW_HISTORY, counts.max()))
    means = {user: train.ratings[train.users == user].mean() for user in users}
    assert means[found["Harsh critic"].user] == min(means.values())


def test_best_and_worst_served_say_how_many_were_measured(
    scene: tuple[Dataset, Split, TwoTowerScorer], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, split, scorer = scene
    assert "metric of all users" in people.examples(data, split, scorer)[-1].sentence
    monkeypatch.setattr(people, "MOST_SCORES", split.n_movies)
    assert "metric of 1 of" in people.examples(data, split, scorer)[-1].sentence


def test_examples_of_the_data_are_not_looked_for_again(
    scene: tuple[Dataset, Split, TwoTowerScorer], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, split, scorer = scene
    found, known = people.examples(data, split, scorer), people.data_examples(data, split)
    monkeypatch.delattr(people, "data_examples")
    assert people.examples(data, split, scorer, known) == found


def test_lists_that_differ_most_have_the_fewest_movies_in_common() -> None:
    split = random_split(n_users=30, n_movies=60)
    one, other = pooled_model(split), pooled_model(split, seed=1)
    found = people.differs_most(split, one, other)
    assert found is not None

    def common(user: int) -> int:
        lists = (retrieve_then_rate(model, split, user, 20).movies for model in (one, other))
        return len(set.intersection(*(set(movies.tolist()) for movies in lists)))

    counts = np.bincount(split.train.users, minlength=split.n_users)
    users = np.flatnonzero(counts >= people.FEW_HISTORY)
    assert common(found.user) == min(common(int(user)) for user in users)
    assert found.sentence.startswith(f"{common(found.user)} of the first 20")


def test_without_users_nobody_differs() -> None:
    split = random_split(n_users=3, n_movies=5)
    model = pooled_model(split)
    found = people.differs_most(split, model, model)
    assert found is None or "same under both models" in found.sentence
