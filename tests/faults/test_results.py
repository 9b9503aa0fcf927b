"""The recorder of the figures."""

from pathlib import Path

import pytest

from tests.faults import results

HEAD = "\n".join(results.TABLE_HEAD) + "\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(results, "RESULTS", tmp_path / "RESULTS.md")
    monkeypatch.setenv("DUET_RECORD", "1")
    monkeypatch.delenv("DUET_BUSY", raising=False)
    return results.RESULTS


def test_figure_takes_the_place_of_the_earlier_one_and_leaves_the_others(file: Path) -> None:
    results.record("Text is text: dialogs", "3")
    results.record("Closed by default: addresses", "127.0.0.1 | no other")
    results.record("Text is text: requests to others", "0")
    results.record("Text is text: dialogs", "0")
    assert file.read_text() == (
        f"{results.TITLE}\n"
        f"## Closed by default\n\n{HEAD}| addresses | 127.0.0.1 / no other | – |\n\n"
        f"## Text is text\n\n{HEAD}| dialogs | 0 | – |\n| requests to others | 0 | – |\n"
    )


def test_figures_beside_busy_processes_have_their_own_column(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results.record("Nothing hangs: Stop", "0.4 s")
    results.record("Nothing hangs: a lost scheduler", "11 s")
    monkeypatch.setenv("DUET_BUSY", "4")
    results.record("Nothing hangs: Stop", "0.9 s")
    results.record("Nothing hangs: a wedged worker", "12 s")
    assert file.read_text() == (
        f"{results.TITLE}\n## Nothing hangs\n\n{HEAD}| Stop | 0.4 s | 0.9 s |\n"
        "| a lost scheduler | 11 s | – |\n| a wedged worker | – | 12 s |\n"
    )


def test_ordinary_run_records_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DUET_RECORD")
    results.record("Text is text: dialogs", "0")
    assert not file.exists()
