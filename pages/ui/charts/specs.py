"""Specifications of the pages' charts, kept: to build one costs more than the rest of a rerun."""

import threading
from collections.abc import Callable, Hashable
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa

MOST = 500  # specifications that are kept

_kept: dict[Hashable, dict[str, Any]] = {}  # (key, version) -> specification; the last used last
_lock = threading.Lock()


class Drawing(Protocol):
    """A chart of Altair, or several as one."""

    def to_dict(self, validate: bool = True) -> dict[str, Any]:
        """Return the Vega-Lite specification, checked against the schema if `validate`."""


def built(key: str, version: Hashable, build: Callable[[], Drawing]) -> dict[str, Any]:
    """Return a chart's Vega-Lite specification, built once per (key, version); change it freely.

    Its data sets are Arrow tables, which all that ask share.

    Not in Streamlit's cache: to look in it takes longer than to draw the chart.

    Args:
        key: of the chart on its page.
        version: changes whenever what the chart is made of does, e.g. the run's id.
        build: makes the chart.
    """
    name = (key, _frozen(version))
    with _lock:
        known = _kept.pop(name, None)
        if known is not None:
            _kept[name] = known  # now the last to go
    if known is None:
        known = _with_tables(build())
        with _lock:
            _kept[name] = known
            while len(_kept) > MOST:
                del _kept[next(iter(_kept))]
    found: dict[str, Any] = _copied(known)
    return found


def _with_tables(drawing: Drawing) -> dict[str, Any]:
    """Return a specification with Arrow tables: Streamlit would make them with every rerun."""
    # The tests check all charts against the schema, which takes longer than the rest of a page.
    spec = drawing.to_dict(validate=False)
    if "datasets" in spec:
        spec["datasets"] = {
            name: pa.Table.from_pandas(pd.DataFrame(rows), preserve_index=False)
            for name, rows in spec["datasets"].items()
        }
    return spec


def _frozen(value: Any) -> Hashable:
    """Return a value with tuples in place of its lists and dicts."""
    if isinstance(value, dict):
        return tuple((name, _frozen(one)) for name, one in value.items())
    if isinstance(value, list | tuple):
        return tuple(map(_frozen, value))
    frozen: Hashable = value
    return frozen


def _copied(value: Any) -> Any:
    """Return a copy of the dicts and lists; what they hold, e.g. Arrow's tables, is shared."""
    if isinstance(value, dict):
        return {name: _copied(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_copied(one) for one in value]
    return value
