"""A run as one HTML file: settings, figures with intervals, curves, the front, example lists.

The file loads nothing: no scripts, no fonts, no images. All texts are escaped.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from math import inf
from operator import attrgetter

import numpy as np

from recsys.blend import blend
from recsys.config import RunConfig
from recsys.data.splits import Split
from recsys.data.tables import TITLE, Dataset
from recsys.evaluation.bootstrap import resample
from recsys.evaluation.evaluate import Part, per_user_metrics
from recsys.evaluation.metrics import METRICS
from recsys.export.svg import Line, line_chart
from recsys.line import KNOTS
from recsys.ratio import position_name, ratio_name
from recsys.recommend import retrieve_then_rate
from recsys.runs.records import EpochRecord, Run
from recsys.runs.testbed import Testbed
from recsys.scorer import RATING, RETRIEVAL, TwoTowerScorer
from recsys.tradeoff.pareto import pareto_front

LIST_LENGTH = 10
LIKED_TITLES = 3  # of each person's history
PEOPLE = (0.1, 0.5, 0.9)  # example users: with few, a middle number of and many ratings
NOTHING = "–"
FRONT_METRICS = ("rmse", "ndcg@20")

STYLE = """
:root { color-scheme: light dark; --blue: #3f83d6; --orange: #e07a3f; --violet: #7d6ce0;
  --line: color-mix(in srgb, currentColor 18%, transparent); }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  background: light-dark(#fdfcfb, #17161b); color: light-dark(#25232b, #eae8ef); }
h1 { font-size: 1.8rem; margin-bottom: 0; } h2 { font-size: 1.25rem; margin-top: 2.2rem; }
h3 { font-size: 1rem; margin-bottom: .2rem; } .small { opacity: .75; font-size: .9rem; }
table { border-collapse: collapse; } th { text-align: left; font-weight: 600; }
th, td { padding: .2rem .9rem .2rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.wide { overflow-x: auto; } .charts { display: flex; flex-wrap: wrap; gap: 1rem; }
figure { margin: 0; flex: 1 1 24rem; max-width: 30rem; } svg { width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: currentColor; } svg .tick { opacity: .75; }
.grid { stroke: var(--line); fill: none; } .line { fill: none; stroke-width: 2; }
.line { stroke: var(--violet); } .dot { fill: var(--violet); }
.line.retrieval { stroke: var(--blue); } .line.rating { stroke: var(--orange); }
.dot.retrieval { fill: var(--blue); } .dot.rating { fill: var(--orange); }
.dashed { stroke-dasharray: 5 4; } .ring { fill: none; stroke: currentColor; stroke-width: 2; }
figcaption { font-size: .85rem; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; }
.key { display: inline-block; width: 1.2rem; margin-right: .4rem; vertical-align: middle;
  border-top: 2px solid var(--violet); }
.key.retrieval { border-color: var(--blue); } .key.rating { border-color: var(--orange); }
.key.dashed { border-top-style: dashed; }
.key.ring { width: .7rem; height: .7rem; border: 2px solid currentColor; border-radius: 50%; }
"""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def run_report(
    run: Run,
    model: TwoTowerScorer,
    dataset: Dataset,
    split: Split,
    position: float | None = None,
) -> str:
    """Return the report as HTML.

    Args:
        run: the run.
        model: its model; of a run of all ratios, the one at `position`.
        dataset: that it was trained on.
        split: that it was measured on.
        position: of the model; by default equal weights. None for a run of one ratio.
    """
    if position is None and run.config.all_ratios:
        position = KNOTS["middle"]
    title = run.name or f"Run {run.run_id}"
    sections = [
        _head(run, title, position),
        _figures(run, model, split),
        _curves(run),
        _front(run, position),
        _people(run, model, dataset, split),
        _settings(run.config),
    ]
    return PAGE.format(title=escape(title), style=STYLE, body="\n".join(filter(None, sections)))


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return an HTML table. Texts are escaped; numbers are aligned right, with three decimals."""
    body = list(rows)
    numeric = [all(_is_number(row[i]) for row in body) for i in range(len(head))]
    lines = ["".join(_cell(text, "th", n) for text, n in zip(head, numeric, strict=True))]
    for row in body:
        lines.append("".join(_cell(one, "td", n) for one, n in zip(row, numeric, strict=True)))
    return f'<div class="wide"><table>{"".join(f"<tr>{one}</tr>" for one in lines)}</table></div>'


def _is_number(value: object) -> bool:
    """Return whether a value is a number, also as text, or missing."""
    return value is None or bool(re.fullmatch(r"[-\d.]*", str(value)))


def _cell(value: object, tag: str, is_number: bool) -> str:
    text = NOTHING if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
    style = ' class="number"' if is_number else ""
    return f"<{tag}{style}>{escape(text)}</{tag}>"


def _head(run: Run, title: str, position: float | None) -> str:
    config = run.config
    facts = [
        *([f"run {run.run_id}"] if run.name else []),
        config.architecture,
        f"retrieval : rating {ratio_name(config)}",
        *([] if position is None else [f"this report: the model at {position_name(position)}"]),
        Testbed.of_run(run).label,
        f"trained {run.created:.10} in {run.seconds.get('total', 0):.1f} s",
        *([] if run.status == "finished" else [f"{run.status} after {len(run.history)} epochs"]),
    ]
    return f'<h1>{escape(title)}</h1>\n<p class="small">{escape(" · ".join(facts))}</p>'


def _figures(run: Run, model: TwoTowerScorer, split: Split) -> str:
    part: Part = "holdout" if len(split.holdout) else "validation"
    measured = per_user_metrics(model, split, part)
    if not len(measured["users"]):
        return "<h2>Figures</h2><p>The split has neither a holdout nor a validation part.</p>"
    found = resample(measured)
    baselines = {name: parts.get(part, {}) for name, parts in run.baselines.items()}
    rows = []
    for name, metric in METRICS.items():
        if name not in found.figures or not run.learns(metric.task):
            continue
        low, high = np.nanpercentile(found.draws[name], [2.5, 97.5])
        arrow = "↑" if metric.higher_is_better else "↓"
        others = [one.get(name) for one in baselines.values()]
        interval = f"{low:.3f} to {high:.3f}"
        rows.append([f"{metric.label} {arrow}", found.figures[name], interval, *others])
    head = ["metric", "this run", "95 % interval", *baselines]
    note = (
        f"On the {part}: {len(found.users)} users, {int(found.counts.sum())} ratings. ↑ higher is "
        "better, ↓ lower is better. The intervals are a bootstrap over users."
    )
    return f'<h2>Figures</h2>{table(head, rows)}<p class="small">{escape(note)}</p>'


def _curves(run: Run) -> str:
    """Return the curves of the tasks that the run learnt."""

    def line(label: str, value: Callable[[EpochRecord], float | None], style: str) -> Line:
        points = [(float(one.epoch), y) for one in run.history if (y := value(one)) is not None]
        return Line(label, points, style)

    losses = [
        line(f"{task}, {part}", attrgetter(f"{prefix}{task}_loss"), f"{task} {style}".strip())
        for part, prefix, style in (("train", "", ""), ("validation", "validation_", "dashed"))
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
    return f'<h2>Curves</h2><div class="charts">{drawn}</div>' if drawn else ""


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
    marked = (f"weights {position_name(at[0])}", (at[1], at[2]))
    chart = line_chart([line], METRICS[x].label, METRICS[y].label, marked)
    head = ["retrieval : rating", METRICS[x].label, METRICS[y].label, "on the front"]
    where, other = ("on", "no other") if points.index(at) in on_front else ("not on", "another")
    note = (
        f"On the {part}. The model at {position_name(at[0])} is {where} the Pareto front of this "
        f"run: {other} ratio is at least as good in both metrics and better in one."
    )
    return (
        f'<h2>All ratios of the weights</h2><div class="charts">{chart}{table(head, rows)}</div>'
        f'<p class="small">{escape(note)}</p>'
    )


def _people(run: Run, model: TwoTowerScorer, dataset: Dataset, split: Split) -> str:
    ranking = None if run.learns(RETRIEVAL) else blend(model, split, inf)
    how = "highest retrieval score" if ranking is None else "highest predicted stars"
    parts = [
        f'<h2>Example users</h2><p class="small">Movies that they have not rated, {how} first. '
        "“Given” is their rating in the holdout.</p>"
    ]
    titles = dataset.movies[TITLE].to_numpy(dtype=object)
    for user in example_users(split):
        found = retrieve_then_rate(model, split, user, LIST_LENGTH, ranking=ranking)
        holdout = split.of_user("holdout", user)
        given = dict(zip(holdout.movies.tolist(), holdout.ratings.tolist(), strict=True))
        rows = [
            [
                rank,
                titles[movie],
                float(score) if run.learns(RETRIEVAL) else None,
                f"{stars:.1f}" if run.learns(RATING) else None,
                f"{given[movie]:g}" if movie in given else "",
            ]
            for rank, (movie, score, stars) in enumerate(
                zip(found.movies.tolist(), found.scores, found.ratings, strict=True), start=1
            )
        ]
        parts.append(_person(split, user, titles))
        parts.append(table(["rank", "movie", "score", "predicted stars", "given"], rows))
    return "\n".join(parts)


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
    text = f"{len(rated)} ratings in train, the highest: {names}"
    return f'<h3>User {escape(str(split.user_ids[user]))}</h3><p class="small">{escape(text)}</p>'


def _settings(config: RunConfig) -> str:
    values = config.model_dump()
    rows = [
        [name, NOTHING if values[name] is None else str(values[name]), item.description or ""]
        for name, item in RunConfig.model_fields.items()
    ]
    return f"<h2>Settings</h2>{table(['setting', 'value', 'meaning'], rows)}"
