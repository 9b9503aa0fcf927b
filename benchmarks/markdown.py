"""Tables in Markdown."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def table(
    rows: Sequence[Row],
    columns: Mapping[str, str] | None = None,
    formats: Mapping[str, Callable[[Any], str]] | None = None,
) -> str:
    """Return the rows as a Markdown table.

    Args:
        rows: column key -> value; a missing value or None is shown as a dash.
        columns: key -> heading, in this order; by default all keys, as they first appear.
        formats: key -> function from a value to text; by default four significant digits.
    """
    columns = columns or {key: key for row in rows for key in row}
    formats = formats or {}
    body = [[_text(row.get(key), formats.get(key, plain)) for key in columns] for row in rows]
    numeric = [_is_numeric(rows, key) for key in columns]
    lines = [list(columns.values()), ["---:" if right else "---" for right in numeric], *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def plain(value: Any) -> str:
    """Return a value as text: floats with four significant digits, lists with commas."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(map(plain, value))
    return str(value)


def digits(n: int) -> Callable[[float], str]:
    """Return a format with `n` digits after the decimal point."""
    return lambda value: f"{value:.{n}f}"


def _text(value: Any, how: Callable[[Any], str]) -> str:
    return "–" if value is None else how(value).replace("|", "\\|").replace("\n", " ")


def _is_numeric(rows: Sequence[Row], key: str) -> bool:
    values = [row[key] for row in rows if row.get(key) is not None]
    return bool(values) and all(isinstance(value, int | float) for value in values)
