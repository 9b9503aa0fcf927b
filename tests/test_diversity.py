import numpy as np
import pytest

from recsys import diversity
from recsys.diversity import Diverse, DiversityError
from recsys.evaluation.ranking import top_lists
from recsys.scorer import TwoTowerScorer
from tests.synthetic import make_rows_split, random_split

# Movies 0 and 1 are alike, and so are 2 and 3.
VECTORS = np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1], [-1, 0]], np.float32)
SCORES = np.array([[5, 4, 3, 2, 1]], np.float32)
SPLIT = make_rows_split(1, 5, [(0, 4, 3.0)])


def a_scorer(scores: np.ndarray = SCORES) -> TwoTowerScorer:
    n = scores.shape[1]
    return TwoTowerScorer(query=scores, candidate=np.eye(n, dtype=np.float32))


def order(given: float, k: int = 4, allowed: np.ndarray | None = None) -> list[int]:
    diverse = Diverse(a_scorer(), VECTORS, given, SPLIT.csr("seen"), k, allowed)
    scores = diverse.scores(np.array([0]))
    scores[0, 4] = -np.inf  # seen
    if allowed is not None:
        scores[0, ~allowed] = -np.inf
    return [code for code in top_lists(scores, 5)[0].tolist() if code >= 0]


def test_without_diversity_the_ranking_stays():
    assert order(0.0) == [0, 1, 2, 3]


def test_alternates_between_groups_of_similar_movies():
    # After 0: relevance 2/3 and similarity 0.995 for 1; 1/3 and 0 for 2. At 0.5, 2 is better.
    assert order(0.5) == [0, 2, 3, 1] or order(0.5) == [0, 2, 1, 3]
    assert order(0.5)[:2] == [0, 2]


def test_hand_computed_marginal_relevance():
    given, placed, left = 0.5, [0], [1, 2, 3]
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    relevance = {0: 1.0, 1: 2 / 3, 2: 1 / 3, 3: 0.0}
    while left:
        value = {
            movie: (1 - given) * relevance[movie]
            - given * max(unit[movie] @ unit[other] for other in placed)
            for movie in left
        }
        best = max(left, key=value.__getitem__)
        placed.append(best)
        left.remove(best)
    assert order(given) == placed


def test_movies_that_are_not_allowed_take_no_place():
    allowed = np.array([False, True, True, True, True])
    assert order(0.9, allowed=allowed)[0] == 1


def test_only_the_first_places_are_given_anew():
    assert order(0.5, k=2) == [0, 2, 1, 3]


@pytest.mark.parametrize("given", [0.2, 0.7, 1.0])
def test_every_user_of_a_batch_is_placed_as_alone(given):
    split = random_split(n_movies=40)
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(40, 4)).astype(np.float32)
    model = TwoTowerScorer(query=rng.normal(size=(20, 4)).astype(np.float32), candidate=vectors)
    diverse = Diverse(model, vectors, given, split.csr("seen"), 10)
    together = diverse.scores(np.arange(20))
    for user in range(20):
        np.testing.assert_allclose(diverse.scores(np.array([user]))[0], together[user], rtol=1e-4)


def test_lists_become_more_varied(monkeypatch):
    monkeypatch.setattr(diversity, "POOL", 30)
    rng = np.random.default_rng(1)
    split = random_split(n_users=10, n_movies=60)
    vectors = rng.normal(size=(60, 3)).astype(np.float32)
    model = TwoTowerScorer(query=rng.normal(size=(10, 3)).astype(np.float32), candidate=vectors)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def similarity(given: float) -> float:
        scores = Diverse(model, vectors, given, split.csr("seen"), 8).scores(np.arange(10))
        scores[split.csr("seen").pairs(np.arange(10))] = -np.inf
        lists = unit[top_lists(scores, 8)]
        return float(np.einsum("uad,ubd->", lists, lists))

    assert similarity(0.9) < similarity(0.4) < similarity(0.0)


def test_a_user_without_candidates_keeps_finite_scores():
    split = make_rows_split(1, 2, [(0, 0, 3.0), (0, 1, 4.0)])
    diverse = Diverse(a_scorer(np.ones((1, 2), np.float32)), VECTORS[:2], 0.5, split.csr("seen"), 5)
    assert np.isfinite(diverse.scores(np.array([0]))).all()


@pytest.mark.parametrize("given", [-0.1, 1.1, float("nan")])
def test_diversity_beyond_its_bounds_is_refused(given):
    with pytest.raises(DiversityError, match="from 0 to 1"):
        Diverse(a_scorer(), VECTORS, given, SPLIT.csr("seen"), 5)
