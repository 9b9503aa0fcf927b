import numpy as np
import pytest

from recsys.model.rating import RATERS_BIAS
from recsys.model.towers import Attributes
from tests.model.oracle import RatingOracle, array, bias_of
from tests.model.random_model import active_users, batch_of, gradients, random_model
from tests.synthetic import make_rows_split, random_split, with_attributes

SPLIT = with_attributes(random_split())
SHARING = ("all", "part", "none")


def oracle_of(model, split=SPLIT):
    ratings = split.train.ratings.astype(np.float64)
    return RatingOracle(model.rating_head, split, std=ratings.std(), mean=ratings.mean())


def head_of(sharing, split=SPLIT, **fields):
    return random_model(split, sharing=sharing, rating_members=3, **fields)


@pytest.mark.parametrize("sharing", SHARING)
def test_train_rating_is_predicted_from_all_other_ratings(sharing):
    model = head_of(sharing)
    oracle, batch = oracle_of(model), batch_of(SPLIT, active_users(SPLIT))
    ratings, penalty = model.rating_head(batch, model.query_tower(batch))
    users = batch["users"].numpy()[batch["rows"].numpy()]
    expected = [oracle.left_out(*pair) for pair in zip(users, batch["movies"].numpy(), strict=True)]
    np.testing.assert_allclose(ratings, expected, rtol=1e-3, atol=1e-3)
    assert float(penalty) == pytest.approx(oracle.penalty(), rel=1e-4)
    # The own rating would have made a difference.
    whole = [
        oracle.stars(user, movie, oracle.query(user), oracle.candidate(movie))
        for user, movie in zip(users, batch["movies"].numpy(), strict=True)
    ]
    assert np.abs(np.array(whole) - expected).mean() > 0.1


@pytest.mark.parametrize("sharing", SHARING)
def test_vectors_of_users_and_movies_are_pooled_from_all_their_ratings(sharing):
    model, users = head_of(sharing), np.arange(SPLIT.n_users)
    oracle, batch = oracle_of(model), batch_of(SPLIT, users)
    np.testing.assert_allclose(
        model.user_vectors(batch)[1], [oracle.query(user) for user in users], atol=1e-3
    )
    np.testing.assert_allclose(
        model.rating_head.candidates(),
        [oracle.candidate(movie) for movie in range(SPLIT.n_movies)],
        atol=1e-3,
    )


def test_rating_of_a_batch_does_not_depend_on_who_else_is_in_it():
    model, users = head_of("part"), active_users(SPLIT)

    def ratings(some: np.ndarray) -> np.ndarray:
        batch = batch_of(SPLIT, some)
        return model.rating_head(batch, model.query_tower(batch))[0].numpy()

    whole = ratings(users)
    alone = [ratings(users[i : i + 1]) for i in range(len(users))]
    np.testing.assert_allclose(np.concatenate(alone), whole, atol=1e-4)


def test_only_rating_of_a_user_and_of_a_movie_is_predicted_from_what_both_are_alone():
    split = make_rows_split(2, 2, train=[(0, 0, 1), (1, 1, 5)])
    model = head_of("none", split)
    head = model.rating_head
    batch = batch_of(split, np.array([0]))
    ratings, _ = head(batch, model.query_tower(batch))
    of_user = array(head.user_embedding)[0].reshape(3, -1)
    of_user[:, -1] = RATERS_BIAS
    products = of_user * array(head.movies.embedding)[0].reshape(3, -1)
    expected = 3 + 2 * (bias_of(head.biases, 0, 0) + products.sum(axis=1))
    np.testing.assert_allclose(ratings[0], expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("sharing", "own", "shared"), [("all", 0, 2), ("part", 2, 2), ("none", 2, 0)]
)
def test_sharing_decides_which_variables_there_are_and_what_the_rating_loss_moves(
    sharing, own, shared
):
    model = head_of(sharing)
    names = [variable.name.split(":")[0] for variable in model.trainable_variables]
    assert (names.count("movies"), names.count("map")) == (own, shared)
    found = gradients(model, batch_of(SPLIT, active_users(SPLIT)), of="rating")
    towers = {"history_embedding", "movie_embedding"}
    assert towers & found.keys() == (towers if shared else set())
    assert all(found[name].any() for name in towers & found.keys())
    assert "movie_score_bias" not in found
    assert {"user_bias", "movie_bias", "user_embedding", "rater_embedding"} <= found.keys()


def test_optimizers_share_out_every_variable_once():
    for sharing in SHARING:
        model = head_of(sharing)
        (_, towers), (_, own) = model.variable_groups()
        assert [variable.name for variable in towers] == [
            "history_embedding:0", "residual_history_embedding:0", "attributes:0",
            "movie_embedding:0", "movie_score_bias:0",
        ]  # fmt: skip
        everything = {variable.ref() for variable in model.trainable_variables}
        assert {variable.ref() for variable in (*towers, *own)} == everything
        assert len(towers) + len(own) == len(everything)


def test_attributes_are_read_only_where_the_config_and_the_data_have_them():
    def maps(split, **fields):
        head = random_model(split, **fields).rating_head
        return [part.map is not None for part in (head.user_attributes, head.movie_attributes)]

    assert maps(SPLIT) == [True, True]
    assert maps(SPLIT, attributes=False) == [False, False]
    assert maps(random_split()) == [False, False]


def test_attributes_add_a_linear_map_and_nothing_where_there_are_none():
    vectors = np.ones((2, 3), np.float32)
    known = Attributes(np.array([[1, 0], [0, 1], [0, 0]], np.float32), 3, 0.1)
    known.map.assign([[1, 2, 3], [4, 5, 6]])
    np.testing.assert_array_equal(known(vectors, np.array([1, 2])), [[5, 6, 7], [1, 1, 1]])
    np.testing.assert_array_equal(
        Attributes(np.zeros((3, 0), np.float32), 3, 0.1)(vectors), vectors
    )
    np.testing.assert_array_equal(Attributes(None, 3, 0.1)(vectors), vectors)
