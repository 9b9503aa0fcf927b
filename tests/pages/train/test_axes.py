import random

import pytest

from pages.ui.train.axes import domain


@pytest.mark.parametrize(
    ("term", "most"), [("retrieval_loss", 1.6), ("rmse", 1.6), ("ndcg@20", 1.0)]
)
def test_axis_holds_all_values_and_only_grows(term: str, most: float) -> None:
    drawn = random.Random(0)
    for _ in range(200):
        own = [drawn.uniform(0.1, most) for _ in range(12)]
        other = [drawn.uniform(0.3, most) for _ in range(drawn.choice([0, 5]))]
        references = [drawn.uniform(0.2, 1.0)]
        before = domain(term, [], other, references)
        for done in range(1, len(own) + 1):
            low, high = domain(term, own[:done], other, references)
            assert low <= before[0]
            assert high >= before[1]
            assert all(low <= value <= high for value in [*own[:done], *other, *references])
            before = low, high


def test_run_within_the_reach_of_the_other_one_does_not_change_the_axis() -> None:
    other, references = [1.05, 0.9], [0.94]
    start = domain("rmse", [], other, references)
    assert domain("rmse", [1.04, 0.96, 0.91], other, references) == start
    low, high = start
    assert 0.8 < low < 0.9
    assert 1.05 < high < 1.1


def test_first_training_of_a_lab_has_an_axis_from_the_baselines() -> None:
    assert domain("rmse", [1.0, 0.92, 0.88], [], [0.94]) == domain("rmse", [], [], [0.94])
    assert domain("ndcg@20", [0.18, 0.31], [], [0.144]) == domain("ndcg@20", [], [], [0.144])


def test_axis_of_a_share_ends_at_1() -> None:
    assert domain("top_k_accuracy@100", [0.5], [], [0.6])[1] == 1.0


def test_axis_exists_without_anything_to_go_by() -> None:
    low, high = domain("recall@20", [], [], [])
    assert low < high
