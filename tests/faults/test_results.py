"""The recorder of the figures."""

from pathlib import Path

import pytest

from tests.faults import results


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(results, "RESULTS", tmp_path / "RESULTS.md")
    monkeypatch.setenv("DUET_RECORD", "1")
    return results.RESULTS


def test_figure_takes_the_place_of_the_earlier_one_and_leaves_the_others(file: Path) -> None:
    results.record("Text is text: dialogs", "3")
    results.record("Closed by default: addresses", "127.0.0.1 | no other")
    results.record("Text is text: requests to others", "0")
    results.record("Text is text: dialogs", "0")
    assert file.read_text() == (
        f"{results.TITLE}\n"
        "## Closed by default\n\n| measured | figure |\n|---|---|\n"
        "| addresses | 127.0.0.1 / no other |\n\n"
        "## Text is text\n\n| measured | figure |\n|---|---|\n"
        "| dialogs | 0 |\n| requests to others | 0 |\n"
    )


def test_ordinary_run_records_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DUET_RECORD")
    results.record("Text is text: dialogs", "0")
    assert not file.exists()
