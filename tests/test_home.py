"""The home folder: where everything is kept, and names that cannot be one."""

import os
from pathlib import Path

import pytest

from recsys.errors import DuetError
from recsys.home import home, runs_folder


def test_home_is_the_folder_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "é ü"))
    assert home() == tmp_path / "é ü"
    assert runs_folder() == tmp_path / "é ü" / "runs"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (os.fsdecode(b"/tmp/\xff"), "its name is not UTF-8 text"),
        ("~nobody-of-this-name/lab", "not a usable path"),
        ("x" * 5000, "not a usable path"),
    ],
)
def test_home_that_cannot_be_used_is_said_in_one_short_line(
    name: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_HOME", name)
    with pytest.raises(DuetError, match=reason) as refused:
        home()
    assert len(str(refused.value)) < 300
