import numpy as np
import pytest

from recsys.evaluation import beyond_accuracy

# Three users over five movies; the last had one candidate only.
LISTS = np.array([[0, 1], [0, 2], [0, -1]], np.int32)


def _random_lists(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    popular = rng.permutation(30)[:12]  # so that many movies are shown equally often
    lists = np.stack([rng.permutation(popular)[:5] for _ in range(9)]).astype(np.int32)
    lists[rng.random(9) < 0.3, 3:] = -1
    return lists


def test_coverage_counts_each_movie_once() -> None:
    assert beyond_accuracy.coverage(LISTS, 5) == pytest.approx(3 / 5)


def test_gini_of_a_hand_computed_case() -> None:
    # Shown 0, 0, 1, 1 and 3 times of 5; weights -4, -2, 0, 2, 4.
    assert beyond_accuracy.gini(LISTS, 5) == pytest.approx((0 + 2 * 1 + 4 * 3) / 5 / 4)


def test_gini_is_zero_when_all_are_shown_alike_and_one_when_one_is_shown_to_all() -> None:
    assert beyond_accuracy.gini(np.array([[0, 1], [2, 3]]), 4) == pytest.approx(0)
    assert beyond_accuracy.gini(np.array([[2], [2], [2]]), 4) == pytest.approx(1)
    assert beyond_accuracy.gini(np.array([[-1]]), 4) == 0
    assert beyond_accuracy.gini(np.array([[0]]), 1) == 0


def test_novelty_is_the_mean_share_of_users_who_do_not_know_the_movie() -> None:
    seen_share = np.array([0.5, 0.1, 0.0, 0.9, 0.9])
    np.testing.assert_allclose(beyond_accuracy.novelty(LISTS, seen_share), [0.7, 0.75, 0.5])
    np.testing.assert_allclose(beyond_accuracy.novelty(np.array([[-1, -1]]), seen_share), [0])


def test_diversity_is_one_minus_the_cosine_of_genres() -> None:
    genres = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 1]], bool)
    lists = np.array([[0, 1, -1], [0, 2, -1], [0, 1, 2], [1, -1, -1]])
    alike = 1 / np.sqrt(2)  # of movies 0 and 1
    expected = [1 - alike, 1, (1 - alike + 1 + 1) / 3, 0]
    np.testing.assert_allclose(beyond_accuracy.diversity(lists, genres), expected)


def test_movies_without_genres_are_left_out_of_diversity() -> None:
    genres = np.array([[1, 0], [0, 1], [0, 0], [0, 0]], bool)
    lists = np.array([[0, 2, 1], [2, 3, 0]])
    np.testing.assert_allclose(beyond_accuracy.diversity(lists, genres), [1, 0])


def test_calibration_error_is_the_weighted_gap_of_the_groups() -> None:
    predicted = np.repeat([2.0, 4.0], [10, 30])
    given = np.concatenate([np.full(10, 3.0), np.full(15, 4.0), np.full(15, 5.0)])
    assert beyond_accuracy.calibration_groups(predicted, given) == [(2.0, 3.0, 10), (4.0, 4.5, 30)]
    assert beyond_accuracy.calibration_error(predicted, given) == pytest.approx(
        (10 * 1 + 30 * 0.5) / 40
    )


def test_calibration_groups_are_of_equal_size_and_in_order() -> None:
    predicted = np.random.default_rng(0).permutation(np.linspace(1, 5, 100))
    found = beyond_accuracy.calibration_groups(predicted, predicted)
    assert [group.ratings for group in found] == [10] * 10
    assert [group.predicted for group in found] == sorted(group.predicted for group in found)
    assert beyond_accuracy.calibration_error(predicted, predicted) == pytest.approx(0)


def test_no_ratings_have_no_groups() -> None:
    assert beyond_accuracy.calibration_groups(np.empty(0), np.empty(0)) == []


def test_equal_values_are_in_one_group_so_that_some_may_be_empty() -> None:
    assert beyond_accuracy.equal_groups(np.array([5, 1, 3, 2, 4, 6]), 3).tolist() == [
        2,
        0,
        1,
        0,
        1,
        2,
    ]
    # The second and the third group would both start at 2: they are one.
    assert beyond_accuracy.equal_groups(np.array([2, 1, 1, 2, 2, 2]), 3).tolist() == [
        1,
        0,
        0,
        1,
        1,
        1,
    ]
    assert beyond_accuracy.equal_groups(np.array([7, 7, 7]), 2).tolist() == [1, 1, 1]


def _expected_shares(figure: float, without: list[float]) -> np.ndarray:
    pseudo = [len(without) * figure - (len(without) - 1) * one for one in without]
    return np.array(pseudo) - np.mean(pseudo) + figure


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("figure", "per_user"),
    [
        (beyond_accuracy.coverage, beyond_accuracy.coverage_per_user),
        (beyond_accuracy.gini, beyond_accuracy.gini_per_user),
    ],
)
def test_shares_of_users_are_the_jackknifes(seed, figure, per_user) -> None:
    lists = _random_lists(seed)
    without = [figure(np.delete(lists, user, axis=0), 30) for user in range(len(lists))]
    shares = per_user(lists, 30)
    np.testing.assert_allclose(shares, _expected_shares(figure(lists, 30), without))
    assert shares.mean() == pytest.approx(figure(lists, 30))


def test_shares_of_users_in_the_calibration_error_are_the_jackknifes() -> None:
    # Two groups, whose gaps are +2 (users 0 and 1) and -3 (users 1 and 2) before they are averaged.
    predicted = np.repeat([2.0, 4.0], [2, 3])
    given = np.array([1.0, 1.0, 5.0, 5.0, 5.0])
    owners = np.array([0, 1, 1, 2, 2])
    without = [(1 + 3) / 4, (1 + 2) / 3, (2 + 1) / 3]
    shares = beyond_accuracy.calibration_error_per_user(predicted, given, owners)
    np.testing.assert_allclose(shares, _expected_shares((2 + 3) / 5, without))


def test_one_user_has_the_whole_figure() -> None:
    assert beyond_accuracy.coverage_per_user(LISTS[:1], 5) == [0.4]
    assert beyond_accuracy.gini_per_user(LISTS[:1], 5) == [beyond_accuracy.gini(LISTS[:1], 5)]
