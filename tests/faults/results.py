"""The figures of the fault tests, in `RESULTS.md` beside this: a heading a promise, a row a figure.

Only with DUET_RECORD=1, so that an ordinary run of the tests changes no tracked file.
"""

import fcntl
import os
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
TITLE = "# Promises, and what was measured\n\nWritten by `DUET_RECORD=1 make test-faults`.\n"
TABLE_HEAD = ("| measured | figure |", "|---|---|")


def record(promise: str, figure: str) -> None:
    """Write a figure in place of the earlier one of the same promise.

    Args:
        promise: `Heading: what was measured`, such as `Text is text: dialogs`.
        figure: with its unit.
    """
    if os.environ.get("DUET_RECORD") != "1":
        return
    heading, _, measured = (_cell(part) for part in promise.partition(":"))
    with RESULTS.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # tests run side by side
        file.seek(0)
        sections = _sections(file.read())
        sections.setdefault(heading, {})[measured] = _cell(figure)
        file.seek(0)
        file.truncate()
        file.write("\n".join([TITLE, *(_section(*one) for one in sorted(sections.items()))]))


def _sections(text: str) -> dict[str, dict[str, str]]:
    """Return {heading: {what was measured: figure}}."""
    sections: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if line.startswith("## "):
            rows = sections.setdefault(line.removeprefix("## "), {})
        elif line.startswith("| ") and line != TABLE_HEAD[0]:
            measured, _, figure = line.strip("| ").partition(" | ")
            rows[measured] = figure
    return sections


def _section(heading: str, rows: dict[str, str]) -> str:
    lines = [f"| {measured} | {figure} |" for measured, figure in rows.items()]
    return "\n".join([f"## {heading}\n", *TABLE_HEAD, *lines, ""])


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())
