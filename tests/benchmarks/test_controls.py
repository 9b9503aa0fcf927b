"""What is measured of the controls, and the labs with many runs."""

from pathlib import Path

import pytest

from benchmarks import controls, many_runs, pages, results
from benchmarks.controls import VISIT, Waits
from recsys.config import make_config
from tests.pages.made_runs import made_run


def test_rows_are_medians_beside_those_of_the_larger_lab() -> None:
    few = [Waits("Train", VISIT, [400.0]), Waits("Train", "epochs", [100.0, 300.0, 200.0])]
    many = [Waits("Train", "epochs", [300.0])]
    visit, epochs, opened = controls.rows(few, many, [0.5, 0.9, 0.7])
    assert (visit["must"], visit["ratio"]) == ("≤ 450", None)
    assert (epochs["value"], epochs["must"]) == (200.0, "≤ 300")
    assert (epochs["with 200 runs, ms"], epochs["ratio"]) == (300.0, 1.5)
    assert (opened["value"], opened["must"]) == (700.0, "≤ 1000")


def test_without_a_browser_it_says_so_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["controls"])
    monkeypatch.setattr(pages, "BROWSERS", ("no-such-browser",))
    monkeypatch.setattr(results, "save", lambda *arguments: pytest.fail("something was written"))
    controls.main()
    assert "no Chromium" in capsys.readouterr().out


def test_runs_of_the_first_seed_are_stored_as_those_of_the_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Two ratios with two seeds become two with all seeds, each under its own id."""
    first = make_config({}).seed
    saved = [
        made_run(f"{weight}-{seed}", retrieval_weight=weight, seed=first + seed)
        for weight in (0.5, 1.0)
        for seed in (0, 1)
    ]

    class Store:
        def __init__(self, folder: Path) -> None:
            assert folder == tmp_path / "runs"

        list = staticmethod(lambda: list(saved))
        scorer = staticmethod(lambda run_id: run_id)

        def save(self, run, scorer):
            assert scorer == f"{run.config.retrieval_weight}-0"
            saved.append(run)

    monkeypatch.setattr(many_runs, "RunStore", Store)
    many_runs.copy_to_many(tmp_path)
    assert len({run.run_id for run in saved}) == len(saved) == 2 * many_runs.MANY_SEEDS
    assert len({run.config for run in saved}) == len(saved)
