"""Is the default config ahead of the best tuned system, level, or behind? By data and task."""

from typing import Any

from benchmarks.aims import best_other, difference_to
from benchmarks.testbeds import TESTBEDS
from recsys.evaluation.metrics import METRICS

Content = dict[str, Any]
JUDGED = ("ndcg@20", "rmse")  # what the other systems are tuned for
AHEAD, LEVEL, BEHIND = "ahead", "level", "behind"


def verdict(metric: str, difference: dict[str, float]) -> str:
    """Return how Duet stands, from its difference to another system with a 95 % interval."""
    sign = 1 if METRICS[metric].higher_is_better else -1
    low, high = sorted((sign * difference["low"], sign * difference["high"]))
    return AHEAD if low > 0 else BEHIND if high < 0 else LEVEL


def verdict_rows(measured: dict[str, Content]) -> list[dict[str, Any]]:
    """Return a row for each testbed and task that was measured.

    Args:
        measured: testbed -> what `benchmarks.quality` has saved.
    """
    rows = []
    for name, content in measured.items():
        figures = {row["system"]: row for row in content["rows"]}
        for metric in JUDGED:
            best = best_other(metric, figures)
            found = [
                one
                for one in content["differences"]
                if (one["other"], one["metric"]) == (best, metric)
            ]
            if best is None or not found:
                continue
            rows.append(
                {
                    "data": TESTBEDS[name].title,
                    "metric": METRICS[metric].label,
                    "duet": f"{figures['Duet'][metric]:.4f}",
                    "other": f"{best} {figures[best][metric]:.4f}",
                    "difference": difference_to(best, metric, content["differences"]),
                    "verdict": verdict(metric, found[0]),
                }
            )
    return rows


def summary(rows: list[dict[str, Any]]) -> str:
    """Say on how many data sets and tasks Duet is ahead, level and behind."""
    counts = {word: sum(row["verdict"] == word for row in rows) for word in (AHEAD, LEVEL, BEHIND)}
    parts = ", ".join(f"{word} on {count}" for word, count in counts.items())
    return f"Of {len(rows)} pairs of data and task, the default config is {parts}."
