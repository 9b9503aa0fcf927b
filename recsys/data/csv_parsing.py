"""CSV files as columns of strings, with the line number of each row for error messages."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from recsys.data.tables import DataError
from recsys.errors import quoted


@dataclass(frozen=True)
class CsvFile:
    """A CSV file in memory."""

    name: str
    content: bytes


def open_csv(source: "Path | str | CsvFile | IO[bytes]") -> CsvFile:
    """Read a CSV file from a path, or from an open or uploaded file (with `name` and `read`).

    Raises:
        DataError: the file cannot be read.
    """
    if isinstance(source, CsvFile):
        return source
    if isinstance(source, str | Path):
        path = Path(source)
        try:
            if path.is_char_device() or path.is_block_device():
                raise DataError(f"{path}: is a device, not a file")
            return CsvFile(path.name, path.read_bytes())
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror})") from error
        except DataError:
            raise
        except ValueError as error:  # a path with a NUL byte
            raise DataError(f"{quoted(str(path))}: is not a valid path ({error})") from error
    source.seek(0)  # an upload may have been read before
    return CsvFile(Path(str(source.name)).name, source.read())


def read_columns(file: CsvFile, required: Sequence[str], optional: Sequence[str]) -> pd.DataFrame:
    """Return the named columns of a CSV file as text, without white space around the fields.

    Column names match regardless of case, blanks and underscores: `userId`, as MovieLens has it, is
    `user_id`. Other columns and empty lines are ignored.

    Raises:
        DataError: the file is malformed; the message has file, line and reason.
    """
    if not file.content.strip():
        raise DataError(f"{file.name}: the file is empty")
    text = _decode(file)
    header, rows_start = _header(file.name, text)
    positions = _find_columns(file.name, header, required, optional)
    table = None
    if rows_start == 1:
        table = _parse_plain(file.content, header, positions)
    if table is None:
        table = _parse_any(file.name, text, header, positions)
    if table.empty:
        raise DataError(f"{file.name}: there are no rows below the header")
    return pd.DataFrame({column: table[column].str.strip() for column in table})


def line_of(file: CsvFile, row: int) -> int:
    """Return the line number on which a row of `read_columns` begins, counted from 1."""
    records = _records(file.name, _decode(file))
    return next(line for number, (line, _) in enumerate(records) if number == row + 1)


def _decode(file: CsvFile) -> str:
    try:
        text = file.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.content[: error.start].count(b"\n") + 1
        raise DataError(
            f"{file.name} line {line}: is not UTF-8 text; save the file as CSV in UTF-8"
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise DataError(f"{file.name} line {line}: has a NUL byte; this is not a text file")
    return text


def _records(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line number and the fields of each record; empty lines are skipped."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for fields in reader:
            if fields:
                yield line, fields
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{name} line {line}: is not valid CSV ({error})") from None


def _header(name: str, text: str) -> tuple[list[str], int]:
    """Return the header's fields and the number of the line it ends on."""
    line, fields = next(_records(name, text), (1, []))
    return fields, line + sum(field.count("\n") for field in fields)


def _find_columns(
    name: str, header: list[str], required: Sequence[str], optional: Sequence[str]
) -> dict[str, int]:
    """Return the position of each of these columns in the header; optional ones may be missing."""
    keys = [_key(field) for field in header]
    found: dict[str, int] = {}
    for column in (*required, *optional):
        positions = [position for position, key in enumerate(keys) if key == _key(column)]
        if len(positions) > 1:
            raise DataError(f"{name} line 1: the header names the column {column} twice")
        if positions:
            found[column] = positions[0]
    missing = [column for column in required if column not in found]
    if missing:
        shown = ",".join(header)[:100]
        other = next((mark for mark in ";\t|" if mark in shown), None)
        hint = f"; separate the columns by commas, not {other!r}" if other else ""
        raise DataError(
            f"{name} line 1: the header has no column {' and no '.join(missing)} "
            f"(it is {shown!r}){hint}"
        )
    return found


def _key(column: str) -> str:
    return re.sub(r"[\s_]", "", column).lower()


def _parse_plain(
    content: bytes, header: list[str], positions: dict[str, int]
) -> pd.DataFrame | None:
    """Parse a file without quotes, fast; None if it has quotes or is malformed."""
    if b'"' in content or content.count(b"\r") != content.count(b"\r\n"):
        return None
    names = [str(position) for position in range(len(header))]
    wanted = [str(position) for position in positions.values()]
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(content),
            read_options=arrow_csv.ReadOptions(skip_rows=1, column_names=names),
            parse_options=arrow_csv.ParseOptions(quote_char=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()),
                include_columns=wanted,
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    columns = {
        column: pd.Series(table[str(position)].combine_chunks(), dtype="str")
        for column, position in positions.items()
    }
    return pd.DataFrame(columns)


def _parse_any(name: str, text: str, header: list[str], positions: dict[str, int]) -> pd.DataFrame:
    """Parse any valid CSV file, with quotes and line breaks in fields."""
    columns: dict[str, list[str]] = {column: [] for column in positions}
    records = _records(name, text)
    next(records)
    for line, fields in records:
        if len(fields) != len(header):
            raise DataError(
                f"{name} line {line}: has {len(fields)} fields, but the header has {len(header)}"
            )
        for column, position in positions.items():
            columns[column].append(fields[position])
    return pd.DataFrame({column: pd.Series(rows, dtype="str") for column, rows in columns.items()})
