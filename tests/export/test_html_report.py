"""The report of a run: complete, self-contained, and nothing in it is taken for HTML."""

import dataclasses
import re
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from recsys.baselines import user_movie_bias
from recsys.config import RunConfig, make_config, run_id
from recsys.data.splits import Split, make_split
from recsys.data.tables import Dataset
from recsys.evaluation.evaluate import evaluate
from recsys.experiment import evaluate_line
from recsys.export.html_page import table
from recsys.export.html_report import example_users, run_report
from recsys.line import LineScorer
from recsys.recommend import retrieve_then_rate
from recsys.runs.records import Run
from recsys.scorer import TwoTowerScorer
from tests.export.test_recommendations import random_scorer
from tests.runs.stored_runs import make_run
from tests.synthetic import planted_dataset

EVIL = '<script src="//evil">&"\'</script>'


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    made = planted_dataset()
    titles = [EVIL if n % 2 else f"Film {n}" for n in range(len(made.movies))]
    return dataclasses.replace(made, movies=made.movies.assign(title=titles))


@pytest.fixture(scope="module")
def split(dataset: Dataset) -> Split:
    return make_split(dataset, kind="random", holdout=0.1, validation=0.1, seed=0)


@pytest.fixture(scope="module")
def model(split: Split) -> TwoTowerScorer:
    return random_scorer(split)


def run_of(split: Split, model: TwoTowerScorer, **values: Any) -> Run:
    config: RunConfig = make_config({"epochs": 2, "data": "planted"} | values)
    bias = user_movie_bias(split)
    return make_run(
        run_id(config, "ab" * 32),
        config=config,
        dataset="planted",
        metrics={part: evaluate(model, split, part) for part in ("validation", "holdout")},
        baselines={"user + movie bias": {"holdout": evaluate(bias, split, "holdout")}},
    )


class Page(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_report_loads_nothing_and_holds_no_foreign_tag(
    dataset: Dataset, split: Split, model: TwoTowerScorer
) -> None:
    text = run_report(run_of(split, model), model, dataset, split)
    named = dataclasses.replace(run_of(split, model), name=EVIL)
    assert f"<h1>{escape(EVIL)}</h1>" in run_report(named, model, dataset, split)
    page = Page(text)
    assert not page.open
    assert not page.tags & {"script", "link", "img", "iframe", "a", "object"}
    assert not page.attributes & {"src", "href", "onclick", "style"}
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text
    assert escape(EVIL) in text


def test_figures_are_those_of_the_run_with_intervals_around_them(
    dataset: Dataset, split: Split, model: TwoTowerScorer
) -> None:
    run = run_of(split, model)
    text = run_report(run, model, dataset, split)
    for label, name in (("RMSE", "rmse"), ("NDCG@20", "ndcg@20")):
        row = re.search(rf"<tr><td>{label} .</td>(.*?)</tr>", text)
        assert row
        cells = re.findall(r">([^<]+)<", row[1])
        assert cells[0] == f"{run.metrics['holdout'][name]:.3f}"
        low, high = map(float, cells[1].split(" to "))
        assert low <= run.metrics["holdout"][name] + 0.001
        assert high >= run.metrics["holdout"][name] - 0.001
    assert f"{run.baselines['user + movie bias']['holdout']['rmse']:.3f}" in text


def test_settings_curves_and_lists_are_in_the_report(
    dataset: Dataset, split: Split, model: TwoTowerScorer
) -> None:
    text = run_report(run_of(split, model), model, dataset, split)
    assert all(f"<td>{name}</td>" in text for name in RunConfig.model_fields)
    assert text.count("<figure") == 2  # losses and RMSE; the history has no NDCG@20
    for user in example_users(split):
        assert f"User {split.user_ids[user]}<" in text
        best = retrieve_then_rate(model, split, user, 1).movies[0]
        assert f"<td>{escape(dataset.movies['title'][best])}</td>" in text


def test_report_is_titled_by_the_name_of_the_run(
    dataset: Dataset, split: Split, model: TwoTowerScorer
) -> None:
    run = run_of(split, model)
    text = run_report(run, model, dataset, split)
    assert "<h1>multi-task</h1>" in text
    assert "<title>multi-task · Duet</title>" in text
    assert f"run {run.run_id}</p>" in text
    own = run_report(dataclasses.replace(run, name="mine"), model, dataset, split)
    assert "<h1>mine</h1>" in own
    told_apart = run_report(run, model, dataset, split, name="multi-task · seed 1")
    assert "<h1>multi-task · seed 1</h1>" in told_apart


def test_without_retrieval_the_report_says_so_and_sorts_by_predicted_stars(
    dataset: Dataset, split: Split, model: TwoTowerScorer
) -> None:
    text = run_report(run_of(split, model, retrieval_weight=0.0), model, dataset, split)
    assert text.count("Retrieval was not trained (weight 0)") == 1
    assert "RMSE ↓" in text
    assert "NDCG@20 ↑" not in text
    assert "retrieval, train" not in text
    assert "highest predicted stars first" in text
    assert "<th>score</th>" not in text
    lists = [
        [float(value) for value in re.findall(r'<td class="number">(\d\.\d)</td>', one)]
        for one in text.split('<div class="person">')[1:]
    ]
    assert all(one == sorted(one, reverse=True) and len(one) == 10 for one in lists)


def test_without_ratings_the_report_says_so_and_shows_no_stars(
    dataset: Dataset, split: Split, model: TwoTowerScorer
) -> None:
    text = run_report(run_of(split, model, rating_weight=0.0), model, dataset, split)
    assert text.count("Rating was not trained (weight 0)") == 1
    assert "NDCG@20 ↑" in text
    assert "RMSE ↓" not in text
    assert "rating, train" not in text
    assert "stars</th>" not in text


def test_trained_tasks_are_not_said_to_be_missing(
    dataset: Dataset, split: Split, model: TwoTowerScorer
) -> None:
    assert "not trained (weight" not in run_report(run_of(split, model), model, dataset, split)


def test_report_of_all_ratios_has_the_front(dataset: Dataset, split: Split) -> None:
    line = LineScorer(*(random_scorer(split, seed) for seed in (1, 2, 3)))
    run = run_of(split, line.middle, all_ratios=True)
    run = dataclasses.replace(run, line=evaluate_line(line, split))
    text = unescape(run_report(run, line.at(0.25), dataset, split, 0.25))
    assert "the model at 1 : 0.18" in text
    assert "the Pareto front of this run" in text
    assert text.count("<td>yes</td>") >= 1
    assert text.count("</td><td>yes</td>") + text.count("</td><td>no</td>") == 21


def test_split_without_holdout_or_validation_says_so(dataset: Dataset, model: Any) -> None:
    split = make_split(dataset, kind="random", holdout=0, validation=0, seed=0)
    run = dataclasses.replace(run_of(split, model), metrics={}, baselines={}, history=())
    text = run_report(run, model, dataset, split)
    assert "neither a holdout nor a validation part" in text
    assert "<figure" not in text


def test_table_escapes_and_aligns() -> None:
    text = table(["a<b", "n"], [["<i>", 0.12345], ["x", None]])
    assert "<th>a&lt;b</th>" in text
    assert "<td>&lt;i&gt;</td>" in text
    assert '<td class="number">0.123</td>' in text
    assert '<td class="number">–</td>' in text


def test_example_users_have_ratings(split: Split) -> None:
    users = example_users(split)
    counts = [len(split.history(user)) for user in users]
    assert counts == sorted(counts)
    assert min(counts) > 0
    assert len(users) == len(np.unique(users))
