"""The metrics as a table for a paper: CSV, Markdown and LaTeX, the best value in bold."""

import re
from collections.abc import Callable, Sequence

import pandas as pd

from pages.ui import words
from pages.ui.compare.units import Unit
from pages.ui.tables import best_value, shown_value
from recsys.evaluation.metrics import METRICS
from recsys.spreadsheet import inert_csv

LATEX_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "·": r"$\cdot$",
    **{char: f"\\{char}" for char in "&%$#_{}"},
}
FORMATS: dict[str, tuple[str, str]] = {  # name -> (file ending, MIME type)
    "CSV": ("csv", "text/csv"),
    "Markdown": ("md", "text/markdown"),
    "LaTeX": ("tex", "application/x-tex"),
}


def paper_table(units: Sequence[Unit], part: str, metrics: Sequence[str], kind: str) -> str:
    """Return the table in one of `FORMATS`.

    Figures of several seeds are mean ± standard deviation. What was not trained, or not measured,
    is a dash. The CSV has one column each for the mean, the deviation and the number of seeds.

    Args:
        units: The rows.
        part: `holdout` or `validation`.
        metrics: The columns; those that no unit has are left out.
        kind: Of `FORMATS`.
    """
    known = [name for name in metrics if any(_mean(unit, part, name) is not None for unit in units)]
    return {"CSV": _csv, "Markdown": _markdown, "LaTeX": _latex}[kind](units, part, known)


def _csv(units: Sequence[Unit], part: str, metrics: Sequence[str]) -> str:
    rows = []
    for unit in units:
        row: dict[str, object] = {"run": unit.label, "part": part, "seeds": len(unit.members)}
        for name in metrics:
            row[name] = _mean(unit, part, name)
            row[f"{name} std"] = unit.deviation(part, name) if unit.is_trained_for(name) else None
        rows.append(row)
    return inert_csv(pd.DataFrame(rows).dropna(axis="columns", how="all"))


def _markdown(units: Sequence[Unit], part: str, metrics: Sequence[str]) -> str:
    def escape(text: str) -> str:
        return re.sub(r"([\\`*_|<>\[\]])", r"\\\1", text)

    head = ["Run", *(f"{escape(words.label(name))} {_arrow(name, '↑↓')}" for name in metrics)]
    rule = ["---", *("---:" for _ in metrics)]
    body = _cells(units, part, metrics, escape, lambda text: f"**{text}**", " ± ", "–")
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, rule, *body]) + "\n"


def _latex(units: Sequence[Unit], part: str, metrics: Sequence[str]) -> str:
    def bold(text: str) -> str:
        # \textbf does not reach into mathematics.
        return " $\\pm$ ".join(f"\\textbf{{{one}}}" for one in text.split(" $\\pm$ "))

    arrows = (r"$\uparrow$", r"$\downarrow$")
    head = ["Run", *(f"{_escape_latex(words.label(n))} {_arrow(n, arrows)}" for n in metrics)]
    body = _cells(units, part, metrics, _escape_latex, bold, " $\\pm$ ", "--")
    lines = [
        "% needs \\usepackage{booktabs}",
        f"\\begin{{tabular}}{{l{'r' * len(metrics)}}}",
        "\\toprule",
        f"{' & '.join(head)} \\\\",
        "\\midrule",
        *(f"{' & '.join(row)} \\\\" for row in body),
        "\\bottomrule",
        "\\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def _cells(
    units: Sequence[Unit],
    part: str,
    metrics: Sequence[str],
    escape: Callable[[str], str],
    bold: Callable[[str], str],
    plus_minus: str,
    nothing: str,
) -> list[list[str]]:
    """Return the rows as text: the label, then each metric, its best in bold."""
    columns = []
    for name in metrics:
        decimals = words.word(name).decimals
        means = [_mean(unit, part, name) for unit in units]
        best = best_value(name, [value for value in means if value is not None])
        column = []
        for unit, value in zip(units, means, strict=True):
            if value is None:
                column.append(nothing)
                continue
            text = f"{value:.{decimals}f}"
            if (spread := unit.deviation(part, name)) is not None:
                text += f"{plus_minus}{spread:.{decimals}f}"
            column.append(bold(text) if shown_value(name, value) == best else text)
        columns.append(column)
    labels = [escape(unit.label) for unit in units]
    return [list(row) for row in zip(labels, *columns, strict=True)]


def _mean(unit: Unit, part: str, metric: str) -> float | None:
    return unit.trained_mean(part, metric)


def _arrow(metric: str, arrows: Sequence[str]) -> str:
    return arrows[0] if METRICS[metric].higher_is_better else arrows[1]


def _escape_latex(text: str) -> str:
    return "".join(LATEX_ESCAPES.get(char, char) for char in text)
