"""The command line, in this process where possible: `run("train", …)`."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest

import recsys.__main__
from recsys.blend import blend
from recsys.cli.stored import Stored, load_stored
from recsys.config import RunConfig, make_config
from recsys.data.library import load_dataset
from recsys.errors import DuetError, StoppedEarlyError
from recsys.evaluation.evaluate import evaluate, per_user_metrics
from recsys.evaluation.metrics import METRICS
from recsys.experiment import split_for
from recsys.home import home, runs_folder
from recsys.recommend import retrieve_then_rate
from recsys.runs.store import RunStore
from recsys.tradeoff.result import front_of_ratios, ratios
from recsys.tradeoff.sentence import details, headline
from tests.cli.command_line import FAST, Files, Result, run

ROOT = Path(__file__).resolve().parents[2]
RANKING = [
    *(f"{name}@{k}" for name in ("recall", "ndcg") for k in (10, 20, 100)),
    "mrr",
    *(f"top_k_accuracy@{k}" for k in (1, 5, 10, 50, 100)),
    "top_k_accuracy_with_seen@100",
    *(f"{name}@20" for name in ("ndcg_liked", "disappointments")),
    *(f"{name}@20" for name in ("coverage", "gini", "novelty", "diversity")),
]
RATING = ["rmse", "mae", "calibration_error"]


# train


def test_train_prints_exactly_one_json_object_with_everything_in_it(trained: Result) -> None:
    assert trained.code == 0
    found = trained.json
    assert found["cached"] is False
    assert set(found) >= {
        "run_id", "cached", "config", "metrics", "baselines", "seconds", "peak_rss_mb",
    }  # fmt: skip
    assert make_config(found["config"]).epochs == 2
    assert set(found["config"]) == set(RunConfig.model_fields)
    assert set(found["metrics"]) == {"holdout", "validation"}
    for part in ("holdout", "validation"):
        assert set(found["metrics"][part]) == {*RANKING, *RATING} == set(METRICS)
        assert set(found["baselines"]["most popular"][part]) == set(RANKING)
        assert set(found["baselines"]["user + movie bias"][part]) == set(RATING)
    assert set(found["seconds"]) == {"load", "fit", "evaluate", "total"}
    assert found["peak_rss_mb"] > 50


def test_training_shows_a_progress_bar_with_the_losses_on_stderr(trained: Result) -> None:
    assert "2/2" in trained.err
    assert "retrieval_loss=" in trained.err
    assert "rating_loss=" in trained.err
    assert "Traceback" not in trained.err


def test_training_the_same_again_returns_the_stored_run(files: Files, trained: Result) -> None:
    again = files.train("--json")
    assert again.json == trained.json | {"cached": True}  # the seconds of the first training too
    assert again.err == ""  # no progress bar: nothing was trained


def test_train_ends_with_a_table_of_the_run_and_the_baselines(
    files: Files, trained: Result
) -> None:
    result = files.train()
    holdout = trained.json["metrics"]["holdout"]
    assert result.code == 0
    first, _, header, own, popular, biases = result.out.splitlines()
    assert trained.json["run_id"] in first
    assert "already trained" in first
    assert header.split()[:2] == ["Top-100", "accuracy"]
    assert header.split()[-1] == "RMSE"
    assert own.startswith("this run")
    assert own.split()[2] == f"{holdout['top_k_accuracy@100']:.3f}"
    assert own.split()[-1] == f"{holdout['rmse']:.3f}"
    assert popular.startswith("most popular")
    assert popular.split()[-1] == "–"
    assert biases.startswith("user + movie bias")


def test_later_ways_to_set_a_field_win_and_given_files_are_the_split(
    files: Files, tmp_path: Path
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("architecture: tutorial\nepochs: 7\nseed: 3\nvalidation: 0.3\nrating_weight: 5")
    result = run(
        "train", "--config", file, "--data", files.ratings, "--holdout", files.holdout, "--json",
        "--set", "epochs=1", "--set", "batch_size=100", "--set", "batch_size=300",
        "--set", "validation=0.2", "--validation", "0", "--preset", "retrieval-specialised",
    )  # fmt: skip
    assert result.code == 0, result.err
    found = result.json
    config = found["config"]
    assert config["architecture"] == "tutorial"
    assert config["learning_rate"] == 0.1  # the tutorial's own default
    assert config["seed"] == 3  # from the file
    assert (config["epochs"], config["batch_size"]) == (1, 300)  # --set over the file
    assert config["validation"] == 0  # its own option over --set
    assert (config["retrieval_weight"], config["rating_weight"]) == (1, 0)
    assert config["split"] == "given"
    assert found["metrics"]["validation"] == {}
    split = split_for(make_config(config), load_dataset(config["data"]))
    assert len(split.train) == len(files.ratings.read_text().splitlines()) - 1
    assert len(split.holdout) == len(files.holdout.read_text().splitlines()) - 1


def test_csv_with_a_very_long_path_trains(files: Files, trained: Result) -> None:
    folder = files.folder / ("long" * 40) / ("path" * 40)
    folder.mkdir(parents=True)
    copy = shutil.copy(files.ratings, folder / files.ratings.name)
    result = run("train", "--data", copy, "--movies", files.movies, *FAST, "--json")
    assert result.code == 0, result.err
    assert result.json["run_id"] == trained.json["run_id"]  # same content, same run


# recommend


@pytest.mark.parametrize("k", [1, 7, 1000])
def test_recommend_prints_what_is_retrieved_then_rated(
    files: Files, trained: Result, k: int
) -> None:
    run_id = trained.json["run_id"]
    result = run("recommend", "--run", run_id, "--user", "u5", "--k", k, "--json")
    assert result.code == 0, result.err
    found = result.json
    assert (found["run_id"], found["user_id"]) == (run_id, "u5")

    store = RunStore(runs_folder())
    config = store.load(run_id).config
    dataset = load_dataset(config.data)
    split = split_for(config, dataset)
    user = split.user_code("u5")
    expected = retrieve_then_rate(store.scorer(run_id), split, user, k)
    movies = found["movies"]
    assert [movie["movie_id"] for movie in movies] == split.movie_ids[expected.movies].tolist()
    assert [movie["score"] for movie in movies] == pytest.approx(expected.scores.tolist())
    assert [movie["rating"] for movie in movies] == pytest.approx(expected.ratings.tolist())
    assert [movie["rank"] for movie in movies] == list(range(1, len(movies) + 1))
    assert len(movies) == min(k, 60 - len(split.seen(user)))
    number = int(movies[0]["movie_id"][1:])
    assert (
        movies[0]["title"] == f"The Film {number} ({1950 + number})"
        or "Film" in (movies[0]["title"])
    )
    assert movies[0]["year"] == 1950 + number
    assert movies[0]["genres"] == ["Comedy", "Drama"]
    held_out = {
        split.movie_ids[movie]: float(rating)
        for owner, movie, rating in zip(
            split.holdout.users, split.holdout.movies, split.holdout.ratings, strict=True
        )
        if owner == user
    }
    given = {m["movie_id"]: m["holdout_rating"] for m in movies if m["holdout_rating"] is not None}
    assert given.items() <= held_out.items()
    assert k < 1000 or given == held_out


def test_recommend_prints_a_table_of_ten_movies(trained: Result) -> None:
    result = run("recommend", "--run", trained.json["run_id"], "--user", "u5")
    assert result.code == 0
    header, *rows = result.out.splitlines()
    assert "predicted" in header
    assert len(rows) == 10
    assert all("Film" in row for row in rows)


@pytest.mark.parametrize("weight", [0.0, 1.5, inf])
def test_recommend_ranks_by_the_blend_and_shows_the_models_own_outputs(
    trained: Result, weight: float
) -> None:
    stored = stored_run(trained)
    split, scorer = stored.split, stored.scorer
    user = split.user_code("u5")
    expected = retrieve_then_rate(scorer, split, user, 8, ranking=blend(scorer, split, weight))
    found = run(
        "recommend", "--run", trained.json["run_id"], "--user", "u5", "--k", 8, "--json",
        "--blend", weight,
    ).json  # fmt: skip
    assert found["blend"] == ("inf" if weight == inf else weight)
    movies = found["movies"]
    assert [movie["movie_id"] for movie in movies] == split.movie_ids[expected.movies].tolist()
    assert [movie["score"] for movie in movies] == pytest.approx(expected.scores.tolist())
    stars = [movie["rating"] for movie in movies]
    assert stars == pytest.approx(expected.ratings.tolist())
    assert weight < inf or stars == sorted(stars, reverse=True)


# evaluate


def stored_run(trained: Result) -> Stored:
    return load_stored(argparse.Namespace(run=trained.json["run_id"]))


@pytest.mark.parametrize("part", ["validation", "holdout"])
def test_evaluate_measures_a_stored_run_as_training_did(trained: Result, part: str) -> None:
    found = run("evaluate", "--run", trained.json["run_id"], "--part", part, "--json").json
    assert found["metrics"] == pytest.approx(trained.json["metrics"][part])
    assert (found["part"], found["blend"], found["differences"]) == (part, 0, {})


def test_evaluate_measures_a_blend_and_compares_it_with_the_run(trained: Result) -> None:
    stored = stored_run(trained)
    found = run("evaluate", "--run", trained.json["run_id"], "--blend", "2", "--json").json
    assert found["part"] == "validation"  # where settings are chosen
    blended = blend(stored.scorer, stored.split, 2, "validation")
    assert found["metrics"] == pytest.approx(evaluate(blended, stored.split, "validation"))
    own = trained.json["metrics"]["validation"]
    assert found["metrics"]["rmse"] == own["rmse"]
    assert set(found["differences"]) == set(RANKING) & own.keys()
    for name, difference in found["differences"].items():
        assert difference["difference"] == pytest.approx(found["metrics"][name] - own[name])
        assert difference["low"] <= difference["high"]
        outside = not difference["low"] <= 0 <= difference["high"]
        assert (difference["verdict"] != "not distinguishable") == outside


def test_evaluate_prints_the_run_the_blend_and_the_baselines(trained: Result) -> None:
    lines = run("evaluate", "--run", trained.json["run_id"], "--blend", "inf").out.splitlines()
    assert lines[0] == f"Run {trained.json['run_id']}, on the validation:"
    assert [line[:17].strip() for line in lines[2:6]] == [
        "this run", "… with blend inf", "most popular", "user + movie bias",
    ]  # fmt: skip
    assert lines[5].split()[-6:-1] == ["–"] * 5  # biases rank nothing
    assert "95 %" in lines[6]
    assert [line.split(":")[0].strip() for line in lines[7:]] == [
        "Top-100 accuracy", "Recall@20", "NDCG@20", "NDCG liked@20", "Disappointments@20",
    ]  # fmt: skip


def test_blend_of_a_run_that_learnt_one_task_is_refused(trained: Result) -> None:
    stored = stored_run(trained)
    config = stored.run.config.model_copy(update={"rating_weight": 0.0})
    one_task = replace(stored, run=replace(stored.run, config=config))
    with pytest.raises(DuetError, match=r"--blend needs both tasks, but .* has rating weight 0"):
        one_task.blend(1)
    assert one_task.blend(0).weight == 0


# runs


def test_runs_lists_the_stored_runs(trained: Result) -> None:
    result = run("runs", "--json")
    assert result.code == 0
    listed = {found["run_id"]: found for found in result.json["runs"]}
    assert listed[trained.json["run_id"]]["metrics"] == trained.json["metrics"]
    assert trained.json["run_id"] in run("runs").out


def test_without_runs_the_list_says_how_to_make_one(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "empty"))
    assert run("runs", "--json").json == {"runs": []}
    assert "python -m recsys train" in run("runs").out


def test_damaged_run_is_named_and_not_listed(trained, tmp_path, monkeypatch) -> None:
    shutil.copytree(home(), tmp_path / "home")
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    run_id = trained.json["run_id"]
    (runs_folder() / run_id / "scorer.npz").write_bytes(b"broken")
    result = run("runs", "--json")
    assert run_id not in [found["run_id"] for found in result.json["runs"]]
    (line,) = [line for line in result.err.splitlines() if run_id in line]
    assert "scorer.npz" in line


# A process of its own


def in_a_process(*arguments: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "recsys", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_module_runs_as_a_process(files: Files, trained: Result) -> None:
    process = in_a_process("recommend", "--run", trained.json["run_id"], "--user", "nobody")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert out == b""
    assert err.decode().splitlines() == [
        "python -m recsys recommend: there is no user 'nobody' in this data set"
    ]


def test_help_names_the_commands() -> None:
    result = run("--help")
    assert result.code == 0
    assert all(command in result.out for command in ("train", "recommend", "runs"))


def test_ctrl_c_stops_the_training_and_keeps_what_was_learnt(files: Files) -> None:
    process = in_a_process(
        "train", "--data", files.ratings, "--set", "epochs=1000", "--set", "seed=9", "--json"
    )
    try:
        seen = b""
        while b"rating_loss" not in seen:
            chunk = os.read(process.stderr.fileno(), 4096)
            assert chunk, seen.decode()
            seen += chunk
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 130
    assert b"Traceback" not in err
    stopped = json.loads(out)
    assert stopped["status"] == "stopped"
    assert "-stopped-" in stopped["run_id"]
    assert set(stopped["metrics"]["holdout"]) == set(METRICS) - {"diversity@20"}  # no genres
    assert stopped["run_id"] in RunStore(runs_folder())


@pytest.mark.parametrize(
    ("command", "before"), [("train", 0), ("sweep", 0), ("sweep", 1), ("search", 0), ("search", 1)]
)
def test_command_stopped_in_a_first_epoch_ends_with_what_is_done(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, before: int
) -> None:
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    trainings = iter([recsys.__main__.train_with_bar] * before)

    def stopped(*arguments):
        train = next(trainings, None)
        if train is None:
            raise StoppedEarlyError("stopped before the end of the first epoch; nothing was saved")
        return train(*arguments)

    monkeypatch.setattr(recsys.__main__, "train_with_bar", stopped)
    result = run(command, "--data", files.ratings, *FAST, "--set", "epochs=1")
    assert result.code == 130
    runs = RunStore(runs_folder()).list()
    assert len(runs) == before
    if before:
        assert runs[0].run_id in result.out
    else:
        assert result.err == (
            f"python -m recsys {command}: stopped before the end of the first epoch; "
            "nothing was saved\n"
        )


# sweep


def test_sweep_prints_every_run_as_train_does_and_reuses_what_is_stored(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    options = ["--data", files.ratings, "--movies", files.movies, *FAST, "--set", "epochs=1"]
    preset = run("train", *options, "--preset", "multi-task", "--json")
    swept = run("sweep", *options, "--points", 3, "--json")
    assert swept.code == 0, swept.err
    runs = swept.json["runs"]
    weights = [(r["config"]["retrieval_weight"], r["config"]["rating_weight"]) for r in runs]
    assert weights == [(1, 0), (1, 1), (0, 1)]
    assert [r["cached"] for r in runs] == [False, True, False]
    assert runs[1] == preset.json | {"cached": True}
    assert "run 1 of 3" in swept.err
    again = run("sweep", *options, "--points", 3, "--json")
    assert again.json["runs"] == [r | {"cached": True} for r in runs]
    assert again.err == ""
    *table, sentence = run("sweep", *options, "--points", 3).out.splitlines()
    assert [line.split()[0] for line in table] == ["run", *(r["run_id"] for r in runs)]
    # Of three ratios only one trains both tasks: there is no trade-off to speak of yet.
    assert sentence == again.json["sentence"]
    assert "needs at least two ratios" in sentence


def test_sweep_says_what_the_ratio_costs_each_task_for_each_sharing(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    options = ["--data", files.ratings, "--movies", files.movies, *FAST, "--set", "epochs=1"]
    swept = run("sweep", *options, "--points", 4, "--sharing", "all", "none", "--json")
    assert swept.code == 0, swept.err
    first, *rest = swept.json["sentence"].splitlines()
    store = RunStore(runs_folder())
    dataset = load_dataset(swept.json["runs"][0]["config"]["data"])
    fronts = []
    for sharing in ("all", "none"):
        runs = [run for run in store.list() if run.config.sharing == sharing]
        split = split_for(runs[0].config, dataset)
        fronts.append(
            front_of_ratios(
                ratios(runs),
                "validation",
                ("ndcg@20", "rmse"),
                lambda run, split=split: per_user_metrics(
                    store.scorer(run.run_id), split, "validation"
                ),
            )
        )
    assert first == headline(fronts)
    assert rest == [f"{front.name.capitalize()}: {details(front)}" for front in fronts]


# search


def test_search_trains_new_trials_and_goes_on_from_what_is_stored(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    options = ["--data", files.ratings, "--movies", files.movies, *FAST, "--set", "epochs=1"]
    first = run("search", *options, "--trials", 2, "--json")
    assert first.code == 0, first.err
    assert "trial 1 of 2" in first.err
    runs = first.json["runs"]
    assert [r["cached"] for r in runs] == [False, False]
    # The first trial has the given settings themselves: it is the run of `train`.
    assert (runs[0]["config"]["retrieval_weight"], runs[0]["config"]["rating_weight"]) == (1, 1)
    assert run("train", *options, "--json").json["run_id"] == runs[0]["run_id"]
    more = run("search", *options, "--trials", 1, "--json")
    ids = [r["run_id"] for r in [*runs, *more.json["runs"]]]
    assert len(set(ids)) == 3
    assert 1 <= len(more.json["front"]) <= 3
    assert set(more.json["front"]) <= set(ids)
    lines = run("search", *options, "--trials", 1).out.splitlines()
    assert lines[0].split() == ["run", "RMSE", "NDCG@20", "settings"]
    assert "learning_rate=" in lines[1]


def test_trial_that_does_not_train_does_not_end_the_search(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    train_with_bar, configs = recsys.__main__.train_with_bar, []

    def fails_first(config, *others):
        configs.append(config)
        if len(configs) == 1:
            raise DuetError("the loss is not a number")
        return train_with_bar(config, *others)

    monkeypatch.setattr(recsys.__main__, "train_with_bar", fails_first)
    options = ["--data", files.ratings, *FAST, "--set", "epochs=1", "--json"]
    result = run("search", *options, "--trials", 2)
    assert result.code == 0
    assert len(result.json["runs"]) == 1
    assert "trial 1 of 2: the loss is not a number" in result.err
    assert configs[0] != configs[1]

    def fails(config, *others):
        raise DuetError("the loss is not a number")

    monkeypatch.setattr(recsys.__main__, "train_with_bar", fails)
    result = run("search", *options, "--trials", 9)
    assert result.code == 2
    assert "3 trials in a row failed" in result.err.splitlines()[-1]
    assert "Traceback" not in result.err
