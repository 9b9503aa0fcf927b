import io
from typing import Any

import numpy as np
import pytest

from recsys import scorer as scorer_module
from recsys.scorer import ScorerError, TwoTowerScorer


def _float32(*values: Any) -> np.ndarray:
    return np.array(values, np.float32)


def _random_scorer(n_users: int = 7, n_movies: int = 11, **changes: Any) -> TwoTowerScorer:
    """A scorer with every array."""
    rng = np.random.default_rng(0)

    def draw(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    pieces: dict[str, Any] = {
        "query": draw(n_users, 4),
        "candidate": draw(n_movies, 4),
        "candidate_bias": draw(n_movies),
        "rating_mean": 3.5,
        "rating_user_bias": draw(n_users),
        "rating_movie_bias": draw(n_movies),
        "rating_query": draw(n_users, 3),
        "rating_candidate": draw(n_movies, 3),
        "kernels": (draw(6, 5), draw(5, 2), draw(2, 1)),
        "biases": (draw(5), draw(2), draw(1)),
    }
    return TwoTowerScorer(**pieces | changes)


def test_scores_are_dot_products_plus_the_movie_bias() -> None:
    scorer = TwoTowerScorer(
        query=_float32([1, 2], [0, -1]),
        candidate=_float32([3, 0], [1, 1], [0, 5]),
        candidate_bias=_float32(0, 10, 0.5),
    )
    expected = [[3, 13, 10.5], [0, 9, -4.5]]
    np.testing.assert_array_equal(scorer.scores(np.array([0, 1])), expected)
    np.testing.assert_array_equal(scorer.scores(np.array([1])), expected[1:])
    assert scorer.scores(np.array([1, 0])).dtype == np.float32
    assert scorer.scores(np.array([], int)).shape == (0, 3)


def test_scores_without_a_bias_are_dot_products() -> None:
    scorer = _random_scorer(candidate_bias=None)
    expected = scorer.query @ scorer.candidate.T
    np.testing.assert_allclose(scorer.scores(np.arange(7)), expected, rtol=1e-6)


def test_scores_may_be_overwritten_without_harm() -> None:
    scorer = _random_scorer()
    for users in (np.array([2]), np.array([2, 3])):
        before = scorer.scores(users).copy()
        scorer.scores(users)[:] = 0
        np.testing.assert_array_equal(scorer.scores(users), before)


def test_scores_of_a_scorer_without_towers_are_its_bias() -> None:
    scorer = TwoTowerScorer(
        query=np.zeros((2, 0), np.float32),
        candidate=np.zeros((3, 0), np.float32),
        candidate_bias=_float32(5, 7, 123_457),
    )
    np.testing.assert_array_equal(scorer.scores(np.arange(2)), [[5, 7, 123_457]] * 2)
    np.testing.assert_array_equal(scorer.scores(np.array([1])), [[5, 7, 123_457]])


def test_rating_adds_up_mean_biases_dot_product_and_mlp() -> None:
    scorer = TwoTowerScorer(
        query=np.zeros((2, 1), np.float32),
        candidate=np.zeros((2, 1), np.float32),
        rating_mean=3.5,
        rating_user_bias=_float32(0.25, 0),
        rating_movie_bias=_float32(0, -1),
        rating_query=_float32([2], [1]),
        rating_candidate=_float32([3], [-4]),
        # Two hidden units, user + movie and user - movie; ReLU; their difference; plus 0.125.
        kernels=(_float32([1, 1], [1, -1]), _float32([1], [-1])),
        biases=(_float32(0, 0), _float32(0.125)),
    )
    ratings = scorer.ratings(np.array([0, 0, 1]), np.array([0, 1, 1]))
    expected = [
        3.5 + 0.25 + 0 + 2 * 3 + (5 - 0) + 0.125,
        3.5 + 0.25 - 1 + 2 * -4 + (0 - 6) + 0.125,
        3.5 + 0 - 1 + 1 * -4 + (0 - 5) + 0.125,
    ]
    np.testing.assert_array_equal(ratings, _float32(*expected))
    assert ratings.dtype == np.float32


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ({}, 0),
        ({"rating_mean": 3.25}, 3.25),
        ({"rating_user_bias": _float32(0.5)}, 0.5),
        ({"rating_movie_bias": _float32(0.75)}, 0.75),
        ({"rating_query": _float32([2]), "rating_candidate": _float32([3])}, 6),
        ({"rating_query": _float32([2]), "rating_candidate": _float32([3]), "use_dot": False}, 0),
    ],
)
def test_missing_rating_pieces_add_nothing(pieces: dict[str, Any], expected: float) -> None:
    scorer = TwoTowerScorer(query=_float32([0]), candidate=_float32([0]), **pieces)
    assert scorer.ratings(np.array([0]), np.array([0])) == [expected]
    assert scorer.tasks == ({"retrieval", "rating"} if pieces else {"retrieval"})


def test_many_pairs_are_rated_in_chunks_to_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = _random_scorer()
    users, movies = np.divmod(np.arange(7 * 11), 11)
    whole = scorer.ratings(users, movies)
    monkeypatch.setattr(scorer_module, "RATING_CHUNK_FLOATS", 30)
    np.testing.assert_allclose(scorer.ratings(users, movies), whole, rtol=1e-5)
    assert scorer.ratings(users[:0], movies[:0]).shape == (0,)


@pytest.mark.parametrize(
    "scorer",
    [
        _random_scorer(),
        _random_scorer(use_dot=False, kernels=(), biases=(), tasks=frozenset({"rating"})),
        TwoTowerScorer(query=_float32([1]), candidate=_float32([2], [3])),
    ],
)
def test_scorer_written_to_a_file_comes_back_the_same(scorer: TwoTowerScorer) -> None:
    file = io.BytesIO()
    np.savez(file, **scorer.to_arrays())
    file.seek(0)
    again = TwoTowerScorer.from_arrays(np.load(file, allow_pickle=False))
    users, movies = np.divmod(np.arange(scorer.n_users * scorer.n_movies), scorer.n_movies)
    np.testing.assert_array_equal(again.scores(users), scorer.scores(users))
    np.testing.assert_array_equal(again.ratings(users, movies), scorer.ratings(users, movies))
    assert again.tasks == scorer.tasks
    assert again.to_arrays().keys() == scorer.to_arrays().keys()


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("query", None, "query: is missing"),
        ("tasks", None, "tasks: is missing"),
        ("kernel_1", None, "kernel_2: is missing|kernel_1: is missing"),
        ("bias_0", None, "bias_0: is missing"),
        ("colour", _float32(1), "colour: is not an array of a scorer"),
        ("bias_3", _float32(1), "bias_3: is not an array of a scorer"),
        ("query", np.zeros((7, 4)), "query: is float64, must be a float32 array"),
        ("query", np.zeros((7, 4), np.int32), "query: is int32, must be"),
        ("query", _float32(1, 2), "query: has 1 dimensions, must have 2"),
        ("query", np.zeros((7, 5), np.float32), r"candidate: has shape \(11, 4\), must be \(11, 5"),
        ("candidate_bias", _float32(1, 2), r"candidate_bias: has shape \(2,\), must be \(11,\)"),
        ("rating_user_bias", np.zeros(11, np.float32), "rating_user_bias: has shape"),
        ("rating_movie_bias", np.zeros(7, np.float32), "rating_movie_bias: has shape"),
        ("rating_query", np.zeros((6, 3), np.float32), "rating_query: has shape"),
        ("rating_candidate", np.zeros((11, 2), np.float32), "rating_candidate: has shape"),
        ("rating_candidate", None, "rating_query, rating_candidate: set both or none"),
        ("rating_mean", _float32(1, 2), "rating_mean: has 1 dimensions, must have 0"),
        ("rating_mean", np.array(np.nan, np.float32), "rating_mean: has numbers that are not"),
        ("query", np.full((7, 4), np.nan, np.float32), "query: has numbers that are not finite"),
        ("kernel_1", np.full((5, 2), np.inf, np.float32), "kernel_1: has numbers that are not"),
        ("kernel_0", np.zeros((5, 5), np.float32), r"kernel_0: has shape \(5, 5\), must be \(6, 5"),
        ("kernel_2", np.zeros((2, 3), np.float32), r"kernel_2: has shape \(2, 3\), must be \(2, 1"),
        ("bias_1", np.zeros(3, np.float32), r"bias_1: has shape \(3,\), must be \(2,\)"),
        ("use_dot", _float32(1), "use_dot: must be one bool"),
        ("tasks", np.array(["retrieval", "flight"]), "tasks: .* must be of"),
        ("tasks", np.array([], "U"), "tasks: must be a list of names"),
        ("tasks", np.array([1, 2]), "tasks: must be a list of names"),
    ],
)
def test_damaged_arrays_are_refused_with_one_line(
    name: str, array: np.ndarray | None, message: str
) -> None:
    arrays = _random_scorer().to_arrays()
    if array is None:
        del arrays[name]
    else:
        arrays[name] = array
    with pytest.raises(ScorerError, match=message) as raised:
        TwoTowerScorer.from_arrays(arrays)
    assert "\n" not in str(raised.value)


def test_mlp_without_rating_vectors_is_refused() -> None:
    with pytest.raises(ScorerError, match="an MLP needs rating_query"):
        _random_scorer(rating_query=None, rating_candidate=None)


def test_mlp_with_more_kernels_than_biases_is_refused() -> None:
    with pytest.raises(ScorerError, match="3 kernels, but 0 biases"):
        _random_scorer(biases=())


def test_rating_mean_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ScorerError, match="rating_mean: must be a finite number"):
        _random_scorer(rating_mean=float("nan"))
