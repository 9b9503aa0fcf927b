"""Tables that people open in a spreadsheet program: no cell of them is a formula."""

import re

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

# A cell that starts with one of these is a formula for a spreadsheet program.
FORMULA_STARTS = r"^([=+\-@\t\r\n])"


def inert(table: pa.Table) -> pa.Table:
    """Return a table with an apostrophe before each text that would be a formula."""
    arrays = [
        pc.replace_substring_regex(column, FORMULA_STARTS, r"'\1") if _is_text(column) else column
        for column in table.columns
    ]
    return pa.Table.from_arrays(arrays, schema=table.schema)


def inert_csv(frame: pd.DataFrame) -> str:
    """Return a data frame as CSV, without its index and without formulas, headings included.

    A line break in a text becomes a space: what follows it would begin a row.
    """
    texts = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    safe = frame.astype(dict.fromkeys(texts, object))
    for name in texts:
        safe[name] = safe[name].map(_inert_cell, na_action="ignore")
    safe.columns = [_inert_cell(name) for name in frame]
    return safe.to_csv(index=False)


def _inert_cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    return re.sub(FORMULA_STARTS, r"'\1", re.sub(r"[\r\n]+", " ", value))


def _is_text(column: pa.ChunkedArray) -> bool:
    is_text: bool = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    return is_text
