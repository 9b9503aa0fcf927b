"""Showing only runs with some values of the settings in which runs differ."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlencode

from pages.ui.compare.rows import config_text
from recsys.config import differing_fields
from recsys.records import Run

Filter = Mapping[str, Sequence[str]]  # field -> the values to show, as text


def filter_options(runs: Sequence[Run]) -> dict[str, list[str]]:
    """Return the fields in which runs differ, each with its values as text, in their order."""
    configs = [run.config for run in runs]
    options = {}
    for field in differing_fields(configs):
        values = {config_text(getattr(one, field)): getattr(one, field) for one in configs}
        options[field] = sorted(values, key=lambda text: _order(values[text]))
    return options


def matches(run: Run, chosen: Filter) -> bool:
    """Return whether a run has one of the chosen values in every field that is filtered by."""
    config = run.config.model_dump()
    return all(config_text(config.get(field)) in values for field, values in chosen.items())


def read_filter(text: str | None, options: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the filter of the URL; what no run has any more is left out."""
    chosen: dict[str, list[str]] = {}
    for field, value in parse_qsl(text or ""):
        if value in options.get(field, ()):
            chosen.setdefault(field, []).append(value)
    return chosen


def write_filter(chosen: Filter) -> str | None:
    """Return the filter for the URL; None for none."""
    return urlencode([(f, value) for f, values in chosen.items() for value in values]) or None


def _order(value: object) -> tuple[int, float, str]:
    """Return what values are sorted by: numbers by size, then the rest by their text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return (1, 0.0, str(value))
    return (0, float(value), "")
