"""A run as one HTML file: figures with intervals, curves, the front, example lists, settings.

The file loads nothing (`html_page.py`). Of a task that was not trained it shows no figures.
"""

from collections.abc import Callable, Sequence
from html import escape
from math import inf
from operator import attrgetter

import numpy as np

from recsys.blend import blend
from recsys.config import RunConfig
from recsys.counted import counted
from recsys.data.splits import Split
from recsys.data.tables import TITLE, Dataset
from recsys.evaluation.bootstrap import resample
from recsys.evaluation.evaluate import Part, per_user_metrics
from recsys.evaluation.metrics import METRICS
from recsys.export.html_page import MARK, NOTHING, card, folded, page, small, table
from recsys.export.python_code import changed_values, python_code
from recsys.export.svg import Line, line_chart
from recsys.line import KNOTS
from recsys.ratio import position_name, ratio_name
from recsys.recommend import retrieve_then_rate
from recsys.runs.names import SHARING_NAMES, run_name
from recsys.runs.records import EpochRecord, Run
from recsys.runs.testbed import Testbed
from recsys.scorer import RATING, RETRIEVAL, TASKS, TwoTowerScorer
from recsys.tradeoff.pareto import pareto_front

LIST_LENGTH = 10
LIKED_TITLES = 3  # of each person's history
PEOPLE = (0.1, 0.5, 0.9)  # example users: with few, a middle number of and many ratings
CARDS = ("top_k_accuracy@100", "recall@20", "ndcg@20", "rmse")
FRONT_METRICS = ("rmse", "ndcg@20")
UNTRAINED = {
    RETRIEVAL: "Retrieval was not trained (weight 0), so its order of the movies would be "
    "meaningless: the report has no figures of it, and sorts the lists by predicted stars.",
    RATING: "Rating was not trained (weight 0), so its predicted stars would be meaningless: the "
    "report has no figures of it, and the lists have no stars.",
}


def run_report(
    run: Run,
    model: TwoTowerScorer,
    dataset: Dataset,
    split: Split,
    position: float | None = None,
    name: str = "",
) -> str:
    """Return the report as HTML.

    Args:
        run: the run.
        model: its model; of a run of all ratios, the one at `position`.
        dataset: that it was trained on.
        split: that it was measured on.
        position: of the model; by default equal weights. None for a run of one ratio.
        name: of the run, where others have the same; by default its own or its config's.
    """
    if position is None and run.config.all_ratios:
        position = KNOTS["middle"]
    title = name or run_name(run)
    sections = [
        _head(run, title, position),
        *(f'<p class="note">{UNTRAINED[task]}</p>' for task in TASKS if not run.learns(task)),
        _figures(run, model, split),
        _curves(run),
        _front(run, position),
        _people(run, model, dataset, split),
        _settings(run),
    ]
    return page(f"{title} · Duet", sections)


def _head(run: Run, title: str, position: float | None) -> str:
    config = run.config
    facts = [
        Testbed.of_run(run).label,
        SHARING_NAMES[config.sharing or ""],
        f"retrieval : rating {ratio_name(config)}",
        *([] if position is None else [f"this report: the model at {position_name(position)}"]),
        counted(len(run.history), "epoch"),
        *([] if run.status == "finished" else [run.status]),
        f"trained {run.created:.10} in {run.seconds.get('total', 0):.1f} s",
        f"run {run.run_id}",
    ]
    return (
        f'<header>{MARK}<div><p class="overline">Duet: a run and what it recommends</p>'
        f"<h1>{escape(title)}</h1>{small(' · '.join(facts))}</div></header>"
    )


def _figures(run: Run, model: TwoTowerScorer, split: Split) -> str:
    part: Part = "holdout" if len(split.holdout) else "validation"
    measured = per_user_metrics(model, split, part)
    if not len(measured["users"]):
        return "<h2>Figures</h2><p>The split has neither a holdout nor a validation part.</p>"
    found = resample(measured)
    known = [n for n, one in METRICS.items() if n in found.figures and run.learns(one.task)]
    intervals = {
        name: "{:.3f} to {:.3f}".format(*np.nanpercentile(found.draws[name], [2.5, 97.5]))
        for name in known
    }
    baselines = {name: parts.get(part, {}) for name, parts in run.baselines.items()}
    cards = []
    for name in (name for name in CARDS if name in known):
        others = [f"{title} {own[name]:.3f}" for title, own in baselines.items() if name in own]
        note = "; ".join([intervals[name], *others])
        value = f"{found.figures[name]:.3f} {METRICS[name].unit}".strip()
        cards.append(card(_titled(name), value, note, METRICS[name].task))
    tables = []
    for task in (task for task in TASKS if run.learns(task)):
        own = [name for name in known if METRICS[name].task == task]
        beside = [title for title, values in baselines.items() if values.keys() & set(own)]
        rows = [
            [
                _titled(name),
                found.figures[name],
                intervals[name],
                *(baselines[title].get(name) for title in beside),
            ]
            for name in own
        ]
        head = ["metric", "this run", "95 % interval", *beside]
        tables.append(table(head, rows, task.capitalize(), task))
    note = (
        f"On the {part}: {counted(len(found.users), 'user')}, "
        f"{counted(int(found.counts.sum()), 'rating')} that the model was not trained on. "
        "↑ higher is better, ↓ lower is better. The intervals are 95 % bootstrap intervals over "
        "the users."
    )
    return f'<h2>Figures</h2><div class="cards">{"".join(cards)}</div>{small(note)}' + folded(
        "All figures", f'<div class="tables">{"".join(tables)}</div>'
    )


def _titled(metric: str) -> str:
    return f"{METRICS[metric].label} {'↑' if METRICS[metric].higher_is_better else '↓'}"


def _curves(run: Run) -> str:
    """Return the curves of the tasks that the run learnt."""

    def line(label: str, value: Callable[[EpochRecord], float | None], style: str) -> Line:
        points = [(float(one.epoch), y) for one in run.history if (y := value(one)) is not None]
        return Line(label, points, style)

    losses = [
        line(f"{task}, {part}", attrgetter(f"{prefix}{task}_loss"), f"{task} {style}".strip())
        for part, prefix, style in (("validation", "validation_", ""), ("train", "", "dashed"))
        for task in (RETRIEVAL, RATING)
        if run.learns(task)
    ]
    charts = [line_chart(losses, "epoch", "loss / loss of a trivial predictor")]
    for name in FRONT_METRICS[::-1]:
        metric = METRICS[name]
        if not run.learns(metric.task):
            continue
        own = line(
            f"{metric.label}, validation",
            lambda one, name=name: one.validation_metrics.get(name),  # type: ignore[misc]
            metric.task,
        )
        charts.append(line_chart([own], "epoch", metric.label))
    drawn = "".join(charts)
    return f'<h2>Curves of the training</h2><div class="charts">{drawn}</div>' if drawn else ""


def _front(run: Run, position: float | None) -> str:
    """Return the figures at each position of a run of all ratios."""
    part = "validation" if run.metrics.get("validation") else "holdout"
    x, y = FRONT_METRICS
    points = [
        (point.position, point.metrics[part][x], point.metrics[part][y])
        for point in run.line
        if {x, y} <= point.metrics.get(part, {}).keys()
    ]
    if not points:
        return ""
    upward = [(METRICS[x].upward(rmse), METRICS[y].upward(ndcg)) for _, rmse, ndcg in points]
    on_front = set(pareto_front(upward))
    at = min(points, key=lambda point: abs(point[0] - (position or 0.0)))
    rows = [
        [position_name(place), rmse, ndcg, "yes" if number in on_front else "no"]
        for number, (place, rmse, ndcg) in enumerate(points)
    ]
    line = Line("all ratios", [(rmse, ndcg) for _, rmse, ndcg in points], marked=True)
    marked = (f"this report: {position_name(at[0])}", (at[1], at[2]))
    labels = (f"{METRICS[x].label} in stars, reversed", METRICS[y].label)
    chart = line_chart([line], *labels, marked, reverse_x=True)
    head = ["retrieval : rating", METRICS[x].label, METRICS[y].label, "on the front"]
    where, other = ("on", "no other") if points.index(at) in on_front else ("not on", "another")
    note = (
        f"On the {part}; better is up and right. The model at {position_name(at[0])} is {where} "
        f"the Pareto front of this run: {other} ratio is at least as good in both metrics and "
        "better in one."
    )
    return (
        f'<h2>All ratios of the weights</h2><div class="charts wide-left">{chart}</div>'
        f"{small(note)}{folded('All ratios as a table', table(head, rows))}"
    )


def _people(run: Run, model: TwoTowerScorer, dataset: Dataset, split: Split) -> str:
    ranking = None if run.learns(RETRIEVAL) else blend(model, split, inf)
    how = "highest retrieval score" if ranking is None else "highest predicted stars"
    value = "stars" if run.learns(RATING) else "score"
    given = ""
    if len(split.holdout):
        given = " In bold: movies of their holdout, with the stars that they gave."
    about = f"Movies that they have not rated, {how} first; {value}: as predicted.{given}"
    titles = dataset.movies[TITLE].to_numpy(dtype=object)
    people = []
    for user in example_users(split):
        found = retrieve_then_rate(model, split, user, LIST_LENGTH, ranking=ranking)
        holdout = split.of_user("holdout", user)
        stars = dict(zip(holdout.movies.tolist(), holdout.ratings.tolist(), strict=True))
        shown = found.ratings if run.learns(RATING) else found.scores
        rows = [
            [
                rank,
                titles[movie],
                f"{one:.1f}" if run.learns(RATING) else float(one),
                f"★ {stars[movie]:g}" if movie in stars else "",
            ]
            for rank, (movie, one) in enumerate(
                zip(found.movies.tolist(), shown, strict=True), start=1
            )
        ]
        hits = [place for place, movie in enumerate(found.movies.tolist()) if movie in stars]
        list_ = table(["", "movie", value, "given"], rows, hits=hits)
        people.append(f'<div class="person">{_person(split, user, titles)}{list_}</div>')
    drawn = f'<div class="people">{"".join(people)}</div>'
    return f"<h2>What example users are recommended</h2>{small(about)}{drawn}"


def example_users(split: Split) -> list[int]:
    """Return a few users, with few, a middle number of and many train ratings."""
    counts = np.diff(split.csr("train").indptr)
    ordered = np.argsort(counts, kind="stable")
    ordered = ordered[counts[ordered] > 0]
    chosen = [int(ordered[int(share * (len(ordered) - 1))]) for share in PEOPLE]
    return list(dict.fromkeys(chosen))


def _person(split: Split, user: int, titles: np.ndarray) -> str:
    rated = split.of_user("train", user)
    liked = np.argsort(-rated.ratings, kind="stable")[:LIKED_TITLES]
    names = "; ".join(f"{titles[rated.movies[i]]} ({rated.ratings[i]:g})" for i in liked)
    text = f"{counted(len(rated), 'rating')} in train, the highest: {names}"
    return f"<h3>User {escape(str(split.user_ids[user]))}</h3>{small(text)}"


def _settings(run: Run) -> str:
    config = run.config
    changed = changed_values(config)
    rows = [row for row in _setting_rows(config) if row[0] in changed]
    head = ["setting", "value", "meaning"]
    own = table(head, rows) if rows else small("All settings have their defaults.")
    return (
        f"<h2>Settings</h2>{small('Those that are not the defaults.') if rows else ''}{own}"
        + folded("All settings", table(head, _setting_rows(config)))
        + folded("Train it again, in Python", f"<pre>{escape(python_code(run))}</pre>")
    )


def _setting_rows(config: RunConfig) -> Sequence[Sequence[str]]:
    values = config.model_dump()
    return [
        [name, NOTHING if values[name] is None else str(values[name]), item.description or ""]
        for name, item in RunConfig.model_fields.items()
    ]
