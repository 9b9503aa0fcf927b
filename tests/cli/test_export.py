"""The commands `export`, `import` and `report`, on a trained run."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from recsys.cli.export import model_at
from recsys.errors import DuetError
from recsys.home import runs_folder
from recsys.line import LineScorer
from recsys.runs.store import RunStore
from tests.cli.command_line import Result, run
from tests.runs.stored_runs import SCORER


@pytest.fixture
def run_id(trained: Result) -> str:
    return str(trained.json["run_id"])


def test_lists_of_all_users_are_those_of_recommend(run_id: str, tmp_path: Path) -> None:
    file = tmp_path / "top.parquet"
    result = run("export", run_id, "--top", 5, "--output", file, "--json")
    assert result.code == 0, result.err
    rows = pq.read_table(file).to_pandas()
    about = {"run_id": run_id, "file": str(file), "users": rows["user_id"].nunique()}
    assert result.json == about | {"rows": len(rows)}
    for user in rows["user_id"].iloc[[0, -1]]:
        alone = run("recommend", "--run", run_id, "--user", user, "--k", 5, "--json").json["movies"]
        own = rows[rows["user_id"] == user]
        assert list(own["movie_id"]) == [row["movie_id"] for row in alone]
        assert list(own["title"]) == [row["title"] for row in alone]
        assert np.allclose(own["predicted_stars"], [row["rating"] for row in alone], atol=1e-5)


def test_bundle_is_imported_by_another_lab(
    run_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "run.zip"
    result = run("export", run_id, "--bundle", file)
    assert result.code == 0, result.err
    assert run_id in result.out
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "other"))
    first = run("import", file)
    assert first.out.startswith(f"Run {run_id}: imported; its data set ")
    assert run("import", file, "--json").json == {"runs": [{"run_id": run_id, "imported": False}]}
    assert RunStore(runs_folder()).load(run_id).run_id == run_id


def test_report_is_one_html_file(run_id: str, tmp_path: Path) -> None:
    file = tmp_path / "run.html"
    result = run("report", run_id, "--output", file)
    assert result.code == 0, result.err
    text = file.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert run_id in text


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("export {run}", "--output --bundle --saved-model is required"),
        ("export {run} --output top.xlsx", "must end in .parquet or .csv"),
        ("export {run} --output top.csv --bundle run.zip", "not allowed with"),
        ("export {run} --output top.csv --top 0", "--top 0: must be 1 or more"),
        ("export {run} --output top.csv --at 0.5", "only for a run of all ratios"),
        ("export {run} --saved-model .", ".: already exists; name a new folder"),
        ("export nothing --output top.csv", "nothing"),
        ("export ../evil --bundle run.zip", "is not the id of a run"),
        ("import none.zip", "'none.zip': No such file"),
        ("import .", "must be a file"),
        ("import text.txt", "text.txt: not a bundle of Duet"),
        ("report {run} --output run.pdf", "must end in .html"),
        ("report nothing --output run.html", "nothing"),
    ],
)
def test_bad_input_is_refused_in_one_line_and_writes_nothing(
    run_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text.txt").write_text("no zip")
    result = run(*arguments.format(run=run_id).split())
    assert result.code == 2
    assert result.out == ""
    assert reason in result.err
    assert result.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["text.txt"]


def test_model_of_a_line_is_at_the_position_or_in_the_middle() -> None:
    line = LineScorer(SCORER, SCORER, SCORER)
    assert np.array_equal(model_at(line, 0.2).query, line.at(0.2).query)
    assert np.array_equal(model_at(line, None).query, SCORER.query)
    assert model_at(SCORER, None) is SCORER
    with pytest.raises(DuetError, match="leave it out"):
        model_at(SCORER, 0.2)


def test_saved_model_names_its_signatures(run_id: str, tmp_path: Path) -> None:
    result = run("export", run_id, "--saved-model", tmp_path / "model", "--json")
    assert result.code == 0, result.err
    assert json.loads(result.out)["signatures"] == ["recommend", "rate"]
    assert (tmp_path / "model" / "saved_model.pb").is_file()
