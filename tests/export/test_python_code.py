"""The lines of Python train the run that they were made of."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import recsys.experiment
from recsys.config import PRESETS, RunConfig, make_config, run_id
from recsys.data.library import import_csv
from recsys.data.splits import Split
from recsys.export.python_code import FILE, changed_values, python_code
from recsys.home import runs_folder
from recsys.runs.records import Run
from recsys.runs.store import RunStore
from recsys.scorer import TwoTowerScorer
from tests.cli.command_line import Files
from tests.runs.stored_runs import make_run

ROOT = Path(__file__).resolve().parents[2]
CONFIGS: list[dict[str, Any]] = [
    {},
    *({"retrieval_weight": a, "rating_weight": b} for a, b in PRESETS.values()),
    {"architecture": "tutorial", "learning_rate": 0.3},
    {"sharing": "tied", "epochs": 7},
    {"all_ratios": True, "sharing": "mapped"},
    {"balancing": "pcgrad", "validation": 0.0, "attributes": False, "seed": 5},
    {"split": "time"},
    {"split": "given", "data": "mine"},
]


def run_of(config: RunConfig, fingerprint: str, **changes: Any) -> Run:
    id_ = run_id(config, fingerprint)
    return make_run(id_, config=config, fingerprint=fingerprint, **changes)


@pytest.mark.parametrize("values", CONFIGS)
def test_changed_values_make_the_config_again(values: dict[str, Any]) -> None:
    config = make_config(values)
    changed = changed_values(config)
    assert make_config(changed) == config
    assert len(changed) <= len(values)


@pytest.mark.parametrize(
    "values", [{}, {"sharing": "tied", "seed": 3}, {"architecture": "tutorial"}]
)
def test_lines_train_the_same_run(
    files: Files, monkeypatch: pytest.MonkeyPatch, values: dict[str, Any]
) -> None:
    def fit(config: RunConfig, split: Split, *_: object) -> Any:
        query, candidate = (np.ones((n, 1), "f4") for n in (split.n_users, split.n_movies))
        scorer = TwoTowerScorer(query=query, candidate=candidate)
        return SimpleNamespace(scorer=scorer, history=(), batches=1, stopped=False, cosines={})

    monkeypatch.setattr(recsys.experiment, "_training", lambda: fit)
    dataset = import_csv(files.ratings, files.movies)
    run = run_of(make_config(values | {"data": dataset.name}), dataset.fingerprint)
    names: dict[str, Any] = {}
    exec(compile(python_code(run), "run.py", "exec"), names)
    assert names["run"].run_id == run.run_id
    assert names["config"] == run.config


def test_saved_lines_train_the_run_in_a_process_of_their_own(files: Files, tmp_path: Path) -> None:
    dataset = import_csv(files.ratings, files.movies)
    config = make_config({"data": dataset.name, "epochs": 1, "embedding_dimension": 4})
    run = run_of(config, dataset.fingerprint)
    code = python_code(run)
    where = next(line for line in code.splitlines() if FILE in line)
    assert where.startswith("#"), "it says where to run the lines"
    (tmp_path / FILE).write_text(code, encoding="utf-8")
    # The file stands in Duet's folder; here, the path stands for that.
    done = subprocess.run(
        [sys.executable, str(tmp_path / FILE)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(run.run_id)
    assert RunStore(runs_folder()).load(run.run_id).config == config


def test_code_is_a_few_lines_and_says_what_is_not_the_default() -> None:
    run = run_of(make_config({"rating_weight": 0.5}), "ab" * 32)
    code = python_code(run)
    assert '"rating_weight": 0.5,' in code
    assert "epochs" not in code
    assert len(code.splitlines()) < 20


def test_stopped_run_says_so() -> None:
    assert "was stopped" in python_code(run_of(make_config({}), "ab" * 32, status="stopped"))


def test_name_of_the_data_is_a_text_and_never_code() -> None:
    evil = '")\nprint("' + "'\\{x}"
    code = python_code(run_of(make_config({"data": evil}), "ab" * 32))
    (call,) = [line for line in code.splitlines() if line.startswith("dataset = ")]
    names: dict[str, Any] = {"load_dataset": lambda name: name}
    exec(call, names)
    assert names["dataset"] == evil
