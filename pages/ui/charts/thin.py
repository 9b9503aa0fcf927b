"""Long curves with fewer points: as many as can be told apart on a screen."""

from itertools import pairwise

from pages.ui.charts.theme import Rows

POINTS = 200  # of a curve, at most


def thin(rows: Rows, by: str | None = None, field: str = "value") -> Rows:
    """Return at most `POINTS` rows of each curve, in their order.

    The first and the last row stay, and the lowest and the highest of each stretch between them.
    So the best value and every peak stay too.

    Args:
        rows: of one curve, or of several that differ in the field `by`.
        by: names the curve of a row.
        field: holds the height of the curve.
    """
    curves: dict[object, list[int]] = {}
    for place, row in enumerate(rows):
        curves.setdefault(row[by] if by else None, []).append(place)
    kept = [place for curve in curves.values() for place in _thin(curve, rows, field)]
    return [rows[place] for place in sorted(kept)]


def _thin(places: list[int], rows: Rows, field: str) -> set[int]:
    """Return the places in `rows` that one curve keeps."""
    if len(places) <= POINTS:
        return set(places)
    inner = places[1:-1]
    stretches = (POINTS - 2) // 2
    bounds = [len(inner) * part // stretches for part in range(stretches + 1)]
    kept = {places[0], places[-1]}
    for start, end in pairwise(bounds):
        by_value = sorted(inner[start:end], key=lambda place: rows[place][field])
        kept |= {by_value[0], by_value[-1]}
    return kept
