"""The SavedModel, loaded by a process that has TensorFlow only, gives what the Scorer gives."""

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from recsys.data.splits import Split
from recsys.errors import DuetError
from recsys.line import LineScorer
from recsys.model.saved_model import save_model, zipped_model
from recsys.recommend import retrieve_then_rate
from recsys.scorer import RATING, RETRIEVAL, TASKS, TwoTowerScorer
from tests.synthetic import random_split

K = 6
# What another program does: no Duet, no TFRS, no Keras 2.
CLIENT = """
import json, sys
import tensorflow as tf
models, users, movies = json.load(sys.stdin)
answers = []
for folder in models:
    model = tf.saved_model.load(folder)
    answer = {"signatures": sorted(model.signatures)}
    if "recommend" in model.signatures:
        found = model.signatures["recommend"](user_id=tf.constant(users))
        answer["movies"] = [[one.decode() for one in row] for row in found["movie_id"].numpy()]
        answer["scores"] = found["score"].numpy().tolist()
    if "rate" in model.signatures:
        pairs = [tf.constant(users), tf.constant(movies)]
        stars = model.signatures["rate"](user_id=pairs[0], movie_id=pairs[1])["stars"]
        answer["stars"] = stars.numpy().tolist()
        try:
            model.signatures["rate"](user_id=tf.constant(["nobody"]), movie_id=pairs[1][:1])
        except tf.errors.InvalidArgumentError as error:
            answer["unknown"] = "user_id that the data set lacks" in str(error)
    answers.append(answer)
assert not {"recsys", "tensorflow_recommenders"} & {name.partition(".")[0] for name in sys.modules}
json.dump(answers, sys.stdout)
"""


def titles_of(split: Split) -> np.ndarray:
    return np.array([f"Movie, {code}" for code in range(split.n_movies)], dtype=object)


def scorer_of(split: Split, seed: int = 0, *, mlp: bool = False) -> TwoTowerScorer:
    rng = np.random.default_rng(seed)

    def array(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    own = {
        "query": array(split.n_users, 3),
        "candidate": array(split.n_movies, 3),
        "rating_query": array(split.n_users, 2),
        "rating_candidate": array(split.n_movies, 2),
    }
    if mlp:  # as of the tutorial
        kernels, biases = (array(4, 5), array(5, 3), array(3, 1)), (array(5), array(3), array(1))
        return TwoTowerScorer(**own, use_dot=False, kernels=kernels, biases=biases)
    return TwoTowerScorer(
        **own,
        candidate_bias=array(split.n_movies),
        rating_mean=3.0,
        rating_user_bias=array(split.n_users),
        rating_movie_bias=array(split.n_movies),
    )


@pytest.fixture(scope="module")
def split() -> Split:
    made = random_split(share=0.7)  # some users have fewer than K candidates
    made.user_ids[0] = made.movie_ids[0] = 'Zoë "東" ```😀'
    return made


@pytest.fixture(scope="module")
def scorers(split: Split) -> dict[str, tuple[TwoTowerScorer, frozenset[str]]]:
    line = LineScorer(*(scorer_of(split, seed) for seed in (1, 2, 3)))
    return {
        "duet": (scorer_of(split), TASKS),
        "tutorial": (scorer_of(split, mlp=True), TASKS),
        "line": (line.at(0.3), TASKS),
        "retrieval": (scorer_of(split), frozenset({RETRIEVAL})),
        "rating": (scorer_of(split), frozenset({RATING})),
    }


@pytest.fixture(scope="module")
def pairs(split: Split) -> tuple[list[str], list[str]]:
    users = [str(one) for one in split.user_ids]
    return users, [str(split.movie_ids[code % split.n_movies]) for code in range(len(users))]


@pytest.fixture(scope="module")
def answers(
    split: Split,
    scorers: dict[str, tuple[TwoTowerScorer, frozenset[str]]],
    pairs: tuple[list[str], list[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, dict[str, Any]]:
    """What another process gets from the saved models."""
    folder = tmp_path_factory.mktemp("models")
    for name, (scorer, tasks) in scorers.items():
        save_model(folder / name, scorer, tasks, split, titles_of(split), K)
    asked = [[str(folder / name) for name in scorers], *pairs]
    environment = {
        k: v for k, v in os.environ.items() if k not in ("TF_USE_LEGACY_KERAS", "PYTHONPATH")
    }
    done = subprocess.run(
        [sys.executable, "-c", CLIENT],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(zip(scorers, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("name", ["duet", "tutorial", "line", "retrieval"])
def test_recommended_movies_are_those_of_the_scorer(
    split: Split, scorers: Any, pairs: Any, answers: Any, name: str
) -> None:
    scorer, _ = scorers[name]
    short = 0
    for user, movies, scores in zip(
        pairs[0], answers[name]["movies"], answers[name]["scores"], strict=True
    ):
        alone = retrieve_then_rate(scorer, split, split.user_code(user), K)
        n = len(alone)
        short += n < K
        assert movies == [*split.movie_ids[alone.movies], *[""] * (K - n)]
        assert np.allclose(scores[:n], alone.scores, atol=1e-5)
        assert scores[n:] == [-np.inf] * (K - n)
    assert short


@pytest.mark.parametrize("name", ["duet", "tutorial", "line", "rating"])
def test_stars_are_those_of_the_scorer(
    split: Split, scorers: Any, pairs: Any, answers: Any, name: str
) -> None:
    scorer, _ = scorers[name]
    codes = [list(ids).index for ids in (split.user_ids, split.movie_ids)]
    users, movies = (np.array(list(map(code, own))) for code, own in zip(codes, pairs, strict=True))
    expected = np.clip(scorer.ratings(users, movies), *split.rating_scale)
    assert np.allclose(answers[name]["stars"], expected, atol=1e-5)


def test_task_that_was_not_learnt_has_no_signature(answers: Any) -> None:
    assert answers["retrieval"]["signatures"] == ["recommend"]
    assert answers["rating"]["signatures"] == ["rate"]


def test_unknown_id_is_an_error(answers: Any) -> None:
    assert answers["duet"]["unknown"]


def test_code_of_the_readme_prints_a_list_with_titles_and_a_rating(
    split: Split, scorers: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    save_model(folder, scorers["duet"][0], TASKS, split, titles_of(split), K)
    _, code, notes = re.split(r"^```(?:python)?$", (folder / "README.md").read_text(), flags=re.M)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=True
    )
    *listed, rated = done.stdout.splitlines()
    shown = retrieve_then_rate(scorers["duet"][0], split, 0, K)
    titles = titles_of(split)
    assert [line.split(maxsplit=1)[1] for line in listed] == titles[shown.movies].tolist()
    assert rated.endswith(f"stars for {titles[0]}")
    low, high = split.rating_scale
    assert f"movie_id [n, {K}]" in notes
    assert f"{low:g} to {high:g}" in notes


def test_readme_names_only_what_the_model_has(split: Split, scorers: Any, tmp_path: Path) -> None:
    save_model(tmp_path / "m", *scorers["rating"], split, titles_of(split), K)
    text = (tmp_path / "m" / "README.md").read_text()
    assert "rate(" in text
    assert "recommend(" not in text


def test_zipped_model_holds_the_files_of_the_folder(split: Split, tmp_path: Path) -> None:
    content = zipped_model(
        scorer_of(split),
        frozenset(TASKS),
        split,
        titles_of(split),
        K,
        on_progress=lambda share: None,
        should_stop=lambda: False,
    )
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path)
    assert sorted(tf.saved_model.load(str(tmp_path)).signatures) == ["rate", "recommend"]


def test_folder_that_exists_is_refused(split: Split, tmp_path: Path) -> None:
    with pytest.raises(DuetError, match="already exists"):
        save_model(tmp_path, scorer_of(split), TASKS, split, titles_of(split), K)
