import numpy as np
import pytest

from pages.ui.charts import theme
from pages.ui.charts.labels import place_labels
from pages.ui.charts.tradeoff import share_colour, tradeoff_chart
from pages.ui.tradeoff_rows import plot_rows
from pages.ui.tradeoff_trials import near, trial_rows, undominated
from recsys.config import make_config
from recsys.evaluation import COUNTS, USERS
from recsys.result import ratios, sweep_runs, trade_off_points
from tests.pages.made_runs import made_run

BASE = make_config({})
AXES = ("rmse", "ndcg@20")


def swept(run_id, retrieval, rating, rmse, ndcg, **config):
    weights = {"retrieval_weight": retrieval, "rating_weight": rating}
    return made_run(run_id, metrics={"rmse": rmse, "ndcg@20": ndcg}, **weights, **config)


FRONT = [
    swept("retrieval", 1.0, 0.0, 1.2, 0.33),
    swept("left", 1.0, 0.5, 0.90, 0.32),
    swept("beaten", 1.0, 0.8, 0.91, 0.31),
    swept("right", 0.5, 1.0, 0.85, 0.30),
    swept("rating", 0.0, 1.0, 0.84, 0.01),
]


def rows_of(runs, x="rmse", y="ndcg@20"):
    return {row["run_id"]: row for row in plot_rows(ratios(runs), "holdout", x, y)}


def test_family_differs_in_nothing_but_weights_seed_and_sharing():
    mine = [*FRONT, swept("seed", 1.0, 0.5, 0.9, 0.3, seed=7, sharing="none")]
    others = [
        swept("longer", 1.0, 0.5, 0.9, 0.3, epochs=3),
        swept("tutorial", 1.0, 0.5, 0.9, 0.3, architecture="tutorial"),
        swept("other split", 1.0, 0.5, 0.9, 0.3, split_seed=1),
        swept("other data", 1.0, 0.5, 0.9, 0.3, fingerprint="e" * 64),
        made_run("stopped", status="stopped"),
    ]
    assert sweep_runs([*others, *mine], BASE, "f" * 64) == mine


def test_run_of_an_older_version_is_no_second_seed():
    newest, older = (swept(name, 1.0, 0.5, 0.9, 0.3) for name in ("newest", "older"))
    assert sweep_runs([newest, older], BASE, "f" * 64) == [newest]


def test_ratios_are_in_order_and_hold_all_their_seeds():
    again = swept("again", 2.0, 1.0, 0.92, 0.34, seed=4)  # 2 : 1 is 1 : 0.5
    apart = swept("apart", 1.0, 0.5, 0.9, 0.3, sharing="none")
    found = ratios([again, apart, *FRONT[::-1]])
    assert [(ratio.sharing, round(ratio.share, 2)) for ratio in found] == [
        ("all", 0.0), ("all", 0.33), ("all", 0.44), ("all", 0.67), ("all", 1.0), ("none", 0.33),
    ]  # fmt: skip
    assert [run.run_id for run in found[1].members] == ["left", "again"]
    assert found[1].name == "1 : 0.5"


def test_points_beaten_in_both_figures_are_not_on_the_front():
    rows = rows_of(FRONT)
    assert [name for name, row in rows.items() if row["front"]] == ["left", "right"]
    assert (rows["left"]["x"], rows["left"]["y"]) == (0.90, 0.32)


def test_task_that_was_not_trained_has_no_figure():
    rows = rows_of(FRONT)
    assert "x" not in rows["retrieval"]
    assert rows["retrieval"]["y"] == 0.33
    assert "y" not in rows["rating"]
    assert rows["rating"]["x"] == 0.84
    # With two metrics of one task, its single-task end is a point like the others.
    both = rows_of(FRONT, x="ndcg@20", y="ndcg@20")
    assert "rating" not in both
    assert both["retrieval"]["front"]


def test_seeds_make_a_mean_and_a_spread():
    rows = rows_of([FRONT[1], swept("seed", 1.0, 0.5, 0.94, 0.32, seed=1)])
    row = rows["left"]
    assert row["seeds"] == 2
    assert row["x"] == pytest.approx(0.92)
    deviation = np.std([0.90, 0.94], ddof=1)
    assert (row["x_low"], row["x_high"]) == pytest.approx((0.92 - deviation, 0.92 + deviation))
    assert row["y_low"] == row["y"] == row["y_high"]


def user_table(rmse, ndcg, spread, seed=0):
    """Return 200 users' figures around these, alike for everybody but for the noise."""
    noise = np.random.default_rng(seed).normal(scale=spread, size=200)
    return {
        USERS: np.arange(200),
        COUNTS: np.full(200, 5),
        "rmse": np.abs(rmse + noise),
        "ndcg@20": ndcg + noise,
    }


def test_task_pays_where_its_users_are_measurably_worse_off():
    figures = {run.run_id: run.metrics["holdout"] for run in FRONT}

    def table(run, spread):
        seed = list(figures).index(run.run_id)
        values = figures[run.run_id]
        return user_table(values["rmse"], values["ndcg@20"], spread, seed)

    def paying(spread):
        points = trade_off_points(
            ratios(FRONT), "holdout", "ndcg@20", "rmse", lambda run: table(run, spread)
        )
        assert [point.retrieval for point in points] == [0.33, 0.32, 0.31, 0.30, None]
        assert [point.rating for point in points] == [None, 0.90, 0.91, 0.85, 0.84]
        return [(point.retrieval_worse, point.rating_worse) for point in points]

    quiet = [(False, False), (True, True), (True, True), (True, True), (False, False)]
    assert paying(spread=0.01) == quiet
    # Where users differ by more than the ratios do, nothing can be told.
    assert not any(retrieval or rating for retrieval, rating in paying(spread=2.0))


def test_ratios_with_more_seeds_than_others_are_compared_by_the_mean():
    runs = [*FRONT, swept("again", 1.0, 0.5, 0.904, 0.32, seed=1)]
    tables = {
        run.run_id: user_table(
            run.metrics["holdout"]["rmse"], run.metrics["holdout"]["ndcg@20"], 0.01, seed
        )
        for seed, run in enumerate(runs)
    }
    points = trade_off_points(
        ratios(runs), "holdout", "ndcg@20", "rmse", lambda run: tables[run.run_id]
    )
    assert points[1].rating == pytest.approx(0.902)
    assert [point.rating_worse for point in points] == [False, True, True, True, False]


@pytest.mark.parametrize(("spread", "pays"), [(0.001, True), (0.02, False)])
def test_difference_that_the_seeds_explain_is_no_cost(spread, pays):
    # Users are all alike, so the bootstrap is sure of a difference of 0.01; the seeds may not be.
    runs = [
        swept(f"{name} {seed}", retrieval, rating, rmse + seed * spread, 0.3, seed=seed)
        for name, retrieval, rating, rmse in (("worse", 1.0, 0.5, 0.91), ("best", 0.5, 1.0, 0.90))
        for seed in (0, 1)
    ]

    def table(run):
        return user_table(run.metrics["holdout"]["rmse"], 0.3, 1e-6)

    worse, best = trade_off_points(ratios(runs), "holdout", "ndcg@20", "rmse", table)
    assert (worse.rating_worse, best.rating_worse) == (pays, False)


@pytest.mark.parametrize(("spread", "pays"), [(0.001, True), (0.02, False)])
def test_ratio_with_one_seed_is_taken_to_vary_like_the_others(spread, pays):
    runs = [
        swept("worse", 1.0, 0.5, 0.91, 0.3),
        swept("best", 0.5, 1.0, 0.90, 0.3, seed=0),
        swept("again", 0.5, 1.0, 0.90 + spread, 0.3, seed=1),
    ]

    def table(run):
        return user_table(run.metrics["holdout"]["rmse"], 0.3, 1e-6)

    points = trade_off_points(ratios(runs), "holdout", "ndcg@20", "rmse", table)
    assert [point.rating_worse for point in points] == [pays, False]


def test_what_the_figures_do_not_show_is_no_cost():
    def paying(difference):
        runs = [swept("a", 1.0, 0.5, 0.9 + difference, 0.3), swept("b", 0.5, 1.0, 0.9, 0.3)]
        points = trade_off_points(
            ratios(runs),
            "holdout",
            "ndcg@20",
            "rmse",
            lambda run: user_table(run.metrics["holdout"]["rmse"], 0.3, 1e-6),
        )
        return points[0].rating_worse

    assert not paying(0.0009)
    assert paying(0.002)


def test_chart_draws_front_ends_baselines_and_marks_the_chosen_run():
    rows = plot_rows(ratios(FRONT), "holdout", "rmse", "ndcg@20")
    baselines = [{"label": "most popular", "y": 0.2}]
    text = str(tradeoff_chart(rows, baselines, "rmse", "ndcg@20", "left").to_dict())
    for name in ("retrieval alone", "rating alone", "most popular", "1 : 0.5", "better"):
        assert name in text
    assert "'reverse': True" in text  # fewer stars of error lie right


def test_trials_have_a_front_of_their_own_and_are_counted_beyond_the_sweeps():
    swept_rows = plot_rows(ratios(FRONT), "holdout", "rmse", "ndcg@20")
    tried = [
        swept("better", 1.0, 0.5, 0.84, 0.34, learning_rate=0.01),
        swept("beside", 1.0, 0.5, 0.83, 0.20, rating_l2=0.05, sharing="none"),
        swept("worse", 1.0, 0.5, 0.95, 0.20, learning_rate=0.03),
        swept("alike", 1.0, 0.5, 0.90, 0.32, learning_rate=0.03),
        swept("alone", 0.0, 1.0, 0.80, 0.01, learning_rate=0.01),
    ]
    rows = {row["run_id"]: row for row in trial_rows(tried, BASE, "holdout", "rmse", "ndcg@20")}
    assert [name for name, row in rows.items() if row["front"]] == ["better", "beside"]
    assert "alone" not in rows  # it has one figure
    assert rows["beside"]["settings"] == "sharing none, rating L2 0.05"
    assert undominated([*swept_rows, *rows.values()], "rmse", "ndcg@20") == 2
    chart = tradeoff_chart([*swept_rows, *rows.values()], [], "rmse", "ndcg@20", "worse").to_dict()
    text = str(chart)
    assert "'domain': ['sweep', 'search'], 'range': ['circle', 'cross']" in text
    dashes = [
        layer["mark"]["strokeDash"] for layer in chart["layer"] if layer["mark"]["type"] == "line"
    ]
    assert len({tuple(dash) for dash in dashes}) == 2


def test_beaten_trials_far_from_all_else_are_left_out_of_the_plot():
    swept_rows = plot_rows(ratios(FRONT[1:4]), "holdout", "rmse", "ndcg@20")  # 0.85 to 0.91
    tried = [
        swept("front", 1.0, 0.5, 0.86, 0.35, learning_rate=0.01),
        swept("near", 1.0, 0.5, 0.96, 0.26, learning_rate=0.02),
        swept("far", 1.0, 0.5, 0.98, 0.30, learning_rate=0.03),
        swept("low", 1.0, 0.5, 0.90, 0.20, learning_rate=0.04),
    ]
    rows = [*swept_rows, *trial_rows(tried, BASE, "holdout", "rmse", "ndcg@20")]
    names = [row["run_id"] for row in near(rows, None)]
    assert names == ["left", "beaten", "right", "front", "near"]
    assert "low" in [row["run_id"] for row in near(rows, "low")]


def test_chart_of_the_ends_alone_has_no_points_and_of_one_ratio_no_front():
    for runs in ([FRONT[0], FRONT[-1]], [FRONT[1]]):
        rows = plot_rows(ratios(runs), "holdout", "rmse", "ndcg@20")
        assert tradeoff_chart(rows, [], "rmse", "ndcg@20", None).to_dict()["layer"]


def test_every_sharing_has_a_front_of_its_own():
    worse = swept("worse", 1.0, 0.5, 0.95, 0.2, sharing="none")
    rows = rows_of([*FRONT, worse])
    assert [name for name, row in rows.items() if row["front"]] == ["left", "right", "worse"]


@pytest.mark.parametrize(
    ("share", "colour"), [(0.0, theme.RATING), (0.5, theme.TOTAL), (1.0, theme.RETRIEVAL)]
)
def test_bars_have_the_colours_of_the_points(share, colour):
    assert share_colour(share) == colour
    between = bytes.fromhex(share_colour(0.25)[1:])
    ends = [bytes.fromhex(end[1:]) for end in (theme.RATING, theme.TOTAL)]
    assert list(between) == pytest.approx(np.mean([list(end) for end in ends], axis=0), abs=0.5)


def test_bars_take_no_colour_scale_so_that_its_legend_stays_one_strip():
    runs = [*FRONT, swept("again", 1.0, 0.5, 0.94, 0.31, seed=1)]
    rows = plot_rows(ratios(runs), "holdout", "rmse", "ndcg@20")
    layers = tradeoff_chart(rows, [], "rmse", "ndcg@20", None).to_dict()["layer"]
    bars = [layer for layer in layers if "x2" in layer["encoding"] or "y2" in layer["encoding"]]
    assert len(bars) == 2
    assert all("color" not in bar["encoding"] for bar in bars)


def test_single_task_lines_that_lie_on_each_other_are_one():
    ends = [
        swept(f"{task} {sharing}", *weights, rmse, 0.33, sharing=sharing)
        for sharing, rmse in (("all", 0.88), ("part", 0.95), ("none", 0.8801))
        for task, weights in (("retrieval", (1.0, 0.0)), ("rating", (0.0, 1.0)))
    ]
    rows = plot_rows(ratios(ends), "holdout", "rmse", "ndcg@20")
    layers = tradeoff_chart(rows, [], "rmse", "ndcg@20", None).to_dict()["layer"]
    drawn = [row for layer in layers for row in layer.get("data", {}).get("values", [])]
    named = {row["label"] for row in drawn if "label" in row}
    assert named == {
        "retrieval alone", "rating alone, all shared and nothing shared",
        "rating alone, part shared",
    }  # fmt: skip


def test_labels_keep_off_the_bars():
    point = {"x": 0.9, "y": 0.3, "seeds": 3}
    point |= {"x_low": 0.85, "x_high": 0.95, "y_low": 0.2, "y_high": 0.4}
    assert place_labels([point], [point], False, True) == ["upper right"]
    assert place_labels([point | {"seeds": 1}], [point], False, True) == ["right"]


def test_labels_keep_off_the_front():
    left, right = {"x": 0.9, "y": 0.3}, {"x": 0.8, "y": 0.3}
    within = [left, right, {"y": 0.2}, {"y": 0.4}]
    assert place_labels([left, right], within, False, True) == ["right", "left"]
    beside = place_labels([left, right], within, False, True, lines=[[left, right]])
    assert beside == ["above", "above"]


def test_labels_stay_inside_and_off_each_other():
    alone = [{"x": 0.9, "y": 0.3}]
    assert place_labels(alone, alone, False, True) == ["right"]
    # What has one figure stretches the axes as well: the point lies at their right end.
    assert place_labels(alone, [*alone, {"x": 1.2}], False, True) == ["left"]
    # The best of both lies at the right edge, under the words on what is better.
    two = [{"x": 0.8, "y": 0.3}, {"x": 0.9, "y": 0.2}]
    assert place_labels(two, two, False, True) == ["below", "right"]
    same = [{"x": 0.9, "y": 0.3}] * 6 + two
    sides = place_labels(same, same, False, True)
    assert len({side for side in sides[:6] if side}) == len([side for side in sides[:6] if side])
    assert None in sides


def test_axes_do_not_close_in_on_what_is_chance():
    runs = [swept("a", 1.0, 0.5, 0.9, 0.3), swept("b", 0.5, 1.0, 0.8, 0.3002)]
    spec = tradeoff_chart(plot_rows(ratios(runs), "holdout", "rmse", "ndcg@20"), [], *AXES, None)
    unseen = [
        layer
        for layer in spec.to_dict()["layer"]
        if isinstance(layer["mark"], dict) and layer["mark"].get("opacity") == 0
    ]
    # RMSE spans 0.1 by itself.
    assert [row["y"] for layer in unseen for row in layer["data"]["values"]] == pytest.approx(
        [0.2951, 0.3051]
    )
