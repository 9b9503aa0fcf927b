"""One person on Home and the movies they are shown."""

from math import inf

import numpy as np

from pages.ui.home import person
from recsys.data.library import load_dataset
from recsys.data.splits import make_split
from recsys.recommend import Recommendations
from tests.pages.small_lab import Lab


def parts(lab: Lab):
    data = load_dataset(lab.data)
    split = make_split(data, kind="random", holdout=0.1, validation=0.1, seed=42)
    return data, split, lab.store.scorer(lab.runs[2])


def test_everybody_with_a_history_is_in_the_order_once(lab: Lab) -> None:
    _, split, _ = parts(lab)
    order = person.order(split, "validation")
    assert sorted(order) == sorted(np.unique(split.train.users))
    assert (person.order(split, "validation") == order).all()


def test_people_with_many_ratings_come_first(lab: Lab, monkeypatch) -> None:
    _, split, _ = parts(lab)
    monkeypatch.setattr(person, "FEW_HISTORY", 14)
    monkeypatch.setattr(person, "FEW_HELD_OUT", 2)
    history, held_out = (np.diff(split.csr(name)[0]) for name in ("train", "validation"))
    good = (history >= 14) & (held_out >= 2)
    order = person.order(split, "validation")
    assert 0 < good.sum() < len(order)
    assert good[order[: good.sum()]].all()


def test_on_validation_movies_of_train_are_left_out_and_those_of_validation_are_marked(
    lab: Lab,
) -> None:
    data, split, scorer = parts(lab)
    user = int(split.validation.users[0])
    (shown,) = person.shown_lists(scorer, split, user, "validation", [0.0])
    assert len(shown) == person.LENGTH
    assert not set(shown.movies) & set(split.history(user))
    drawn = person.lists_data([shown], data, split, user, "validation", rates=True)
    own = split.of_user("validation", user)
    given = dict(zip(own.movies.tolist(), own.ratings.tolist(), strict=True))
    for movie, code in zip(drawn["movies"], shown.movies.tolist(), strict=True):
        assert movie["watched"] == (f"✓ gave {given[code]:g} ★" if code in given else "")
    assert drawn["lists"] == [list(range(10))]


def test_on_the_holdout_movies_of_validation_are_left_out_too(lab: Lab) -> None:
    _, split, scorer = parts(lab)
    user = int(split.validation.users[0])
    (shown,) = person.shown_lists(scorer, split, user, "holdout", [0.0])
    assert not set(shown.movies) & set(split.seen(user))


def test_lists_go_from_the_best_scores_to_the_most_stars(lab: Lab) -> None:
    _, split, scorer = parts(lab)
    user = int(split.validation.users[0])
    first, last = person.shown_lists(scorer, split, user, "validation", [0.0, inf])
    candidates = np.setdiff1d(np.arange(split.n_movies), split.history(user))
    scores = scorer.scores(np.array([user]))[0][candidates]
    stars = scorer.ratings(np.full(len(candidates), user), candidates)
    assert set(first.movies) == set(candidates[np.argsort(-scores)[:10]])
    assert set(last.movies) == set(candidates[np.argsort(-stars)[:10]])


def test_each_movie_is_sent_once_and_lists_name_its_place(lab: Lab) -> None:
    data, split, _ = parts(lab)
    one = Recommendations(np.array([4, 7]), np.zeros(2), np.array([3.25, 4.0]))
    other = Recommendations(np.array([7, 9]), np.zeros(2), np.array([4.0, 4.5]))
    found = person.lists_data([one, other], data, split, 0, "validation", rates=True)
    assert [movie["title"] for movie in found["movies"]] == list(data.movies["title"][[4, 7, 9]])
    assert [movie["stars"] for movie in found["movies"]] == ["3.2 ★", "4.0 ★", "4.5 ★"]
    assert found["lists"] == [[0, 1], [1, 2]]
    without = person.lists_data([one], data, split, 0, "validation", rates=False)
    assert [movie["stars"] for movie in without["movies"]] == ["", ""]
