"""The comparison with an earlier version, and a training from the command line."""

import subprocess

import pytest

from benchmarks import earlier, end_to_end, results
from benchmarks.end_to_end import Ended


def test_ratios_are_those_of_pairs() -> None:
    """The median of the ratios 0.5, 1.0 and 0.25, not the ratio of the medians 2 : 4."""
    pairs = [({"first": 1.0}, {"first": 2.0}), ({"first": 4.0}, {"first": 4.0})]
    pairs += [({"first": 2.0}, {"first": 8.0})]
    (row,) = earlier.rows(pairs)
    assert (row["this code, s"], row["earlier code, s"], row["value"]) == (2.0, 4.0, 0.5)
    assert (row["must"], row["goal"]) == ("≤ 0.75", "≤ 0.5")


def test_a_start_without_a_browser_has_no_row() -> None:
    both = {"first": 1.0, "again": 1.0, "sweep": 1.0}
    assert len(list(earlier.rows([(both, both)]))) == 3


def test_without_the_commit_it_says_so_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["earlier", "--commit", "no-such-commit"])
    monkeypatch.setattr(results, "save", lambda *arguments: pytest.fail("something was written"))
    earlier.main()
    assert "no commit no-such-commit" in capsys.readouterr().out


def test_the_older_code_is_unpacked_as_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """A repository with two commits: the first one is what comes out."""
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@localhost"]
    for text in ("old", "new"):
        (tmp_path / "file.txt").write_text(text)
        for command in (["init", "-q"], ["add", "."], ["commit", "-qm", text]):
            subprocess.run([*git, *command], cwd=tmp_path, check=True)
    monkeypatch.setattr(earlier, "ROOT", tmp_path)
    archive = earlier.archive("HEAD~1")
    assert archive is not None
    with earlier.unpacked(archive) as folder:
        assert (folder / "file.txt").read_text() == "old"


def test_the_rest_of_a_process_is_what_no_part_has() -> None:
    duet = Ended(20.0, {"load": 1.0, "fit": 4.0, "evaluate": 2.0})
    tutorial = Ended(80.0, {"load": 1.0, "fit": 60.0, "evaluate": 3.0})
    rows = list(end_to_end.rows([duet], [tutorial]))
    assert [row["Duet, s"] for row in rows] == [1.0, 4.0, 2.0, 13.0, 20.0]
    assert [row["tutorial, s"] for row in rows] == [1.0, 60.0, 3.0, 16.0, 80.0]
    assert rows[-1]["tutorial : Duet"] == 4.0
