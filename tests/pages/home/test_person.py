"""One person on Home and the movies they are shown."""

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
    shown = person.shown_list(scorer, split, user, "validation")
    assert len(shown) == person.LENGTH
    assert not set(shown.movies) & set(split.history(user))
    rows = person.list_data(shown, data, split, user, "validation", rates=True, before=None)
    own = split.of_user("validation", user)
    given = dict(zip(own.movies.tolist(), own.ratings.tolist(), strict=True))
    for movie, code in zip(rows["movies"], shown.movies.tolist(), strict=True):
        assert movie["watched"] == (f"✓ gave {given[code]:g} ★" if code in given else "")
        assert movie["entered"] is False
    assert [movie["rank"] for movie in rows["movies"]] == list(range(1, 11))


def test_on_the_holdout_movies_of_validation_are_left_out_too(lab: Lab) -> None:
    _, split, scorer = parts(lab)
    user = int(split.validation.users[0])
    shown = person.shown_list(scorer, split, user, "holdout")
    assert not set(shown.movies) & set(split.seen(user))


def test_list_says_what_entered_and_what_left(lab: Lab) -> None:
    data, split, _ = parts(lab)
    shown = Recommendations(np.array([4, 7]), np.zeros(2), np.array([3.25, 4.0]))
    ids = person.movie_ids(shown, data)
    before = [ids[1], *person.movie_ids(Recommendations(np.array([9]), *[np.zeros(1)] * 2), data)]
    found = person.list_data(shown, data, split, 0, "validation", rates=False, before=before)
    assert [movie["entered"] for movie in found["movies"]] == [True, False]
    assert [movie["stars"] for movie in found["movies"]] == ["", ""]
    assert found["left"] == f"No longer shown: {data.movies['title'].iloc[9]}"
