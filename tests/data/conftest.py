"""Fixtures of the data tests."""

from pathlib import Path

import pytest


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder of the lab, for this test alone."""
    folder = tmp_path / "home"
    monkeypatch.setenv("RECSYS_HOME", str(folder))
    return folder
