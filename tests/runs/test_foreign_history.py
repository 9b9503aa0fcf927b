"""Histories from elsewhere: read as they are, and nothing in them ends this process."""

import io
import random
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recsys.runs import foreign_history
from recsys.runs.files import DamagedRunError, RunError
from recsys.runs.foreign_history import read_foreign_histories
from recsys.runs.records import EpochRecord, write_history
from tests.runs.stored_runs import HISTORY

LINE = EpochRecord(1, 1.0, 1.0, 2.0, line=((0.0, 0.9, 0.4), (1.0, 0.8, 0.3)))


def table(**columns: list[Any]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def test_histories_are_read_as_they_were_written() -> None:
    histories = [HISTORY, (), (LINE,)]
    assert read_foreign_histories([write_history(one) for one in histories]) == histories


def test_modules_in_the_working_folder_are_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("recsys.py", "json.py"):
        Path(name).write_text("raise SystemExit('evil')")
    assert read_foreign_histories([write_history(HISTORY)]) == [HISTORY]


@pytest.mark.parametrize(
    "content",
    [
        b"PAR1",
        table(epoch=[1], retrieval_loss=["<b>"], rating_loss=[1.0], total_loss=[1.0]),
        table(epoch=[1]),
        table(epoch=list(range(1001))),
    ],
)
def test_other_content_is_refused(content: bytes) -> None:
    with pytest.raises(DamagedRunError, match=r"history\.parquet is not readable"):
        read_foreign_histories([content])


@pytest.mark.parametrize(
    ("error", "expected", "message"),
    [
        (
            subprocess.CalledProcessError(-11, "python", stderr=b"no module"),
            DamagedRunError,
            "not readable",
        ),
        (subprocess.TimeoutExpired("python", 60), RunError, "not read within 60 s; try again"),
    ],
)
def test_process_that_crashes_or_hangs_is_an_error_in_one_line(
    error: Exception,
    expected: type[RunError],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(foreign_history.subprocess, "run", fails)
    with pytest.raises(expected, match=message) as raised:
        read_foreign_histories([b""])
    assert type(raised.value) is expected  # a bundle that was slow to read is not damaged
    assert ("no module" in caplog.text) == (expected is DamagedRunError)


def test_damaged_bytes_do_not_end_this_process() -> None:
    dice, refused = random.Random(0), 0
    for _ in range(3):
        content = bytearray(write_history(HISTORY))
        for _ in range(8):
            content[dice.randrange(len(content))] = dice.randrange(256)
        try:
            read_foreign_histories([bytes(content)])
        except DamagedRunError:
            refused += 1
    assert refused
