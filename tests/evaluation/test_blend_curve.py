from typing import Any

import numpy as np
import pytest

from recsys.blend import POSITIONS, blend, weight_at
from recsys.evaluation import ranking
from recsys.evaluation.blend_curve import BLEND_METRICS, measure_blends
from recsys.evaluation.evaluate import average_metrics, evaluate, per_user_metrics
from recsys.recommend import retrieve_then_rate
from tests.synthetic import random_split
from tests.test_blend import random_scorer


@pytest.mark.parametrize("part", ["validation", "holdout"])
@pytest.mark.parametrize("mlp", [False, True])
def test_each_point_is_the_evaluation_of_its_blend(part: Any, mlp: bool) -> None:
    split = random_split(30, 80, 3, share=0.4)
    scorer = random_scorer(split, mlp=mlp)
    positions = (0.0, 0.3, 0.9, 1.0)
    curve = measure_blends(scorer, split, part, positions)
    for position, table in zip(positions, curve.tables, strict=True):
        expected = per_user_metrics(blend(scorer, split, weight_at(position), part), split, part)
        assert table.keys() == {"users", "counts", "liked", "hits", *BLEND_METRICS}
        for name, values in table.items():
            np.testing.assert_allclose(values, expected[name], err_msg=name)


def test_curve_has_all_positions_and_starts_at_the_model() -> None:
    split = random_split(30, 80, 3, share=0.4)
    scorer = random_scorer(split)
    curve = measure_blends(scorer, split, "holdout")
    assert len(curve.tables) == len(POSITIONS) == 51
    model = evaluate(scorer, split, "holdout")
    assert average_metrics(curve.tables[0]) == {name: model[name] for name in BLEND_METRICS}


def test_recipe_is_measured_on_its_own_lists() -> None:
    split = random_split(30, 200, 3, share=0.4)
    scorer = random_scorer(split)
    recipe = average_metrics(measure_blends(scorer, split, "holdout", (0.0,)).recipe)
    low = hits = 0
    for user in np.unique(split.holdout.users):
        shown = retrieve_then_rate(scorer, split, user, 50).movies
        stars = scorer.ratings(np.full(50, user), shown)
        top = shown[np.argsort(-stars)][:20]
        own = split.of_user("holdout", user)
        given = own.ratings[np.isin(own.movies, top)]
        hits += len(given)
        low += int((given <= 2).sum())
    assert recipe["disappointments@20"] == pytest.approx(low / hits)


def test_users_in_chunks_get_the_same_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    split = random_split(30, 80, 3, share=0.4)
    scorer = random_scorer(split)
    whole = measure_blends(scorer, split, "holdout", (0.5,))
    monkeypatch.setattr(ranking, "CHUNK_SCORES", 7 * split.n_movies)
    parts = measure_blends(scorer, split, "holdout", (0.5,))
    for one, other in ((whole.tables[0], parts.tables[0]), (whole.recipe, parts.recipe)):
        for name, values in one.items():
            np.testing.assert_allclose(values, other[name], err_msg=name)
