"""Measured figures, stored as JSON files in `benchmarks/results/`, one file per benchmark."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.machine import commit, describe

FOLDER = Path(__file__).parent / "results"
Row = dict[str, Any]


def save(
    name: str, rows: Sequence[Row], notes: Sequence[str] = (), folder: Path = FOLDER, **more: Any
) -> Path:
    """Write `name`.json: machine, commit, day, the rows of a table, notes on it, and `more`."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.json"
    content = {
        "machine": describe(),
        "commit": commit(),
        "day": date.today().isoformat(),
        "rows": list(rows),
        "notes": list(notes),
        **more,
    }
    file.write_text(json.dumps(content, indent=1) + "\n")
    return file


def load(name: str, folder: Path = FOLDER) -> dict[str, Any] | None:
    """Return what `save` wrote, or None if this benchmark has not been run."""
    file = folder / f"{name}.json"
    return json.loads(file.read_text()) if file.exists() else None
