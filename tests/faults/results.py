"""The figures of the fault tests, in `RESULTS.md` beside this: a heading a promise, a row a figure.

Only with DUET_RECORD=1, so that an ordinary run of the tests changes no tracked file. With busy
processes beside the tests (`DUET_BUSY=4`) the figures have a column of their own.
"""

import fcntl
import os
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
TITLE = (
    "# Promises, and what was measured\n\n"
    "Written by `DUET_RECORD=1 make test-faults`; beside busy processes, with `DUET_BUSY=4`.\n"
)
ALONE, BUSY = "alone", "beside four busy processes"
TABLE_HEAD = (f"| measured | {ALONE} | {BUSY} |", "|---|---|---|")
NOTHING = "–"

Figures = dict[str, str]  # column -> figure


def record(promise: str, figure: str) -> None:
    """Write a figure in place of the earlier one of the same promise.

    Args:
        promise: `Heading: what was measured`, such as `Text is text: dialogs`.
        figure: with its unit.
    """
    if os.environ.get("DUET_RECORD") != "1":
        return
    heading, _, measured = (_cell(part) for part in promise.partition(":"))
    column = BUSY if os.environ.get("DUET_BUSY") else ALONE
    with RESULTS.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # tests run side by side
        file.seek(0)
        sections = _sections(file.read())
        sections.setdefault(heading, {}).setdefault(measured, {})[column] = _cell(figure)
        file.seek(0)
        file.truncate()
        file.write("\n".join([TITLE, *(_section(*one) for one in sorted(sections.items()))]))


def _sections(text: str) -> dict[str, dict[str, Figures]]:
    """Return {heading: {what was measured: its figures}}."""
    sections: dict[str, dict[str, Figures]] = {}
    for line in text.splitlines():
        if line.startswith("## "):
            rows = sections.setdefault(line.removeprefix("## "), {})
        elif line.startswith("| ") and line != TABLE_HEAD[0]:
            measured, *figures = line.strip("| ").split(" | ")
            named = zip((ALONE, BUSY), figures, strict=False)
            rows[measured] = {column: one for column, one in named if one != NOTHING}
    return sections


def _section(heading: str, rows: dict[str, Figures]) -> str:
    lines = [
        f"| {measured} | {figures.get(ALONE, NOTHING)} | {figures.get(BUSY, NOTHING)} |"
        for measured, figures in rows.items()
    ]
    return "\n".join([f"## {heading}\n", *TABLE_HEAD, *lines, ""])


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())
