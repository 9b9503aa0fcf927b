"""The small lab of the page tests: data, runs, and a queue that trains nothing."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from recsys.baselines import BASELINES
from recsys.config import RunConfig, run_id
from recsys.data.library import load_dataset
from recsys.data.splits import Split, make_split
from recsys.data.tables import Dataset
from recsys.evaluation.evaluate import evaluate
from recsys.experiment import evaluate_line
from recsys.home import runs_folder
from recsys.jobs.board import Job, JobState
from recsys.jobs.calls import Call, CallRequest
from recsys.jobs.queue import WorkerState
from recsys.line import LineScorer, StoredScorer
from recsys.runs.records import EpochRecord, Run
from recsys.runs.store import RunStore
from recsys.scorer import TwoTowerScorer

APP = str(Path(__file__).resolve().parents[2] / "app.py")
N_USERS, N_MOVIES, N_RATINGS = 25, 40, 400
PARTS = ("validation", "holdout")


def make_record(epoch: int) -> EpochRecord:
    """Return an epoch's record; losses fall by 0.1 per epoch."""
    loss = 1.0 - 0.1 * epoch
    metrics = {"rmse": 1.2 - 0.1 * epoch, "recall@20": 0.1 * epoch}
    metrics |= {"ndcg@20": 0.05 * epoch, "top_k_accuracy@100": 0.2 * epoch}
    return EpochRecord(
        epoch=epoch,
        retrieval_loss=loss,
        rating_loss=loss,
        total_loss=2 * loss,
        retrieval_share=0.5,
        validation_retrieval_loss=loss + 0.05,
        validation_rating_loss=loss + 0.05,
        validation_metrics=metrics,
        seconds=0.5 * epoch,
    )


def write_csv(folder: Path) -> tuple[Path, Path]:
    random = np.random.default_rng(0)
    pairs = random.choice(N_USERS * N_MOVIES, N_RATINGS, replace=False)
    ratings = pd.DataFrame(
        {
            "user_id": pairs // N_MOVIES + 1,
            "movie_id": pairs % N_MOVIES + 1,
            "rating": random.integers(1, 6, N_RATINGS),
            "timestamp": 1_000_000 + np.arange(N_RATINGS),
        }
    )
    movies = pd.DataFrame(
        {
            "movie_id": range(1, N_MOVIES + 1),
            "title": [f"Movie {number}" for number in range(1, N_MOVIES + 1)],
            "genres": ["Comedy|Drama" if number % 2 else "Action" for number in range(N_MOVIES)],
            "year": [1960 + number for number in range(N_MOVIES)],
        }
    )
    ratings.to_csv(folder / "small.csv", index=False)
    movies.to_csv(folder / "small-movies.csv", index=False)
    return folder / "small.csv", folder / "small-movies.csv"


def _random_line(config: RunConfig, split: Split) -> LineScorer:
    start, middle, end = (_random_scorer(config, split, extra) for extra in (1, 2, 3))
    return LineScorer(start, middle, end)


def _random_scorer(config: RunConfig, split: Split, extra: int = 0) -> TwoTowerScorer:
    random = np.random.default_rng(config.seed + extra)

    def table(rows: int, columns: int) -> np.ndarray:
        return random.normal(size=(rows, columns)).astype(np.float32)

    return TwoTowerScorer(
        query=table(split.n_users, 4),
        candidate=table(split.n_movies, 4),
        rating_mean=float(split.train.ratings.mean()),
        rating_movie_bias=table(split.n_movies, 1)[:, 0] / 4,
    )


def make_run(
    config: RunConfig, *, created: str, epochs_done: int | None = None, name: str = ""
) -> tuple[Run, StoredScorer]:
    """Return a run with a random scorer and its true metrics, and the scorer."""
    data = load_dataset(config.data)
    split = make_split(
        data,
        kind=config.split,
        holdout=config.holdout,
        validation=config.validation,
        seed=config.split_seed,
    )
    scorer = (_random_line if config.all_ratios else _random_scorer)(config, split)
    done = epochs_done or config.epochs
    id_ = run_id(config, data.fingerprint)
    run = Run(
        run_id=id_ if epochs_done is None else f"{id_}-stopped-{done}",
        config=config,
        dataset=data.name,
        fingerprint=data.fingerprint,
        status="finished" if epochs_done is None else "stopped",
        created=created,
        history=tuple(make_record(epoch) for epoch in range(1, done + 1)),
        metrics={part: evaluate(scorer, split, part) for part in PARTS},
        baselines={
            baseline: {part: evaluate(fit(split), split, part) for part in PARTS}
            for baseline, fit in BASELINES.items()
        },
        seconds={"load": 0.1, "fit": 2.0, "evaluate": 0.2, "total": 2.3},
        peak_rss_mb=700.0,
        line=evaluate_line(scorer, split),
        name=name,
    )
    return run, scorer


@dataclasses.dataclass
class Lab:
    """A lab: `data` is its data set; `runs` are the ids of its stored runs, oldest first."""

    home: Path
    data: str
    runs: list[str]

    @property
    def store(self) -> RunStore:
        """The run store."""
        return RunStore(runs_folder())


class StillQueue:
    """A job queue that trains nothing. A test sets the jobs."""

    workers = 1

    def __init__(self) -> None:
        self.all: dict[str, Job] = {}
        self.stopped: list[str] = []
        self.calls: dict[str, Call] = {}
        self.requests: list[CallRequest] = []
        self.state = WorkerState.READY
        self.problem: str | None = None
        self.elsewhere: set[str] = set()  # jobs of another server

    def put(self, job: Job) -> None:
        self.all[job.run_id] = job

    def submit(self, config: RunConfig, dataset: Dataset, asked_by: str = "") -> str:
        id_ = run_id(config, dataset.fingerprint)
        stored = id_ in RunStore(runs_folder())
        state = JobState.FINISHED if stored else JobState.WAITING
        waiting = sum(job.state is JobState.WAITING for job in self.all.values())
        position = 0 if stored else waiting + 1
        self.put(Job(id_, config, state, position=position, result=id_ if stored else None))
        self.all[id_] = dataclasses.replace(self.all[id_], asked_by=asked_by)
        return id_

    def job(self, run_id: str) -> Job | None:
        return self.all.get(run_id)

    def is_elsewhere(self, run_id: str) -> bool:
        return run_id in self.elsewhere

    def expect(self, config: RunConfig, dataset: Dataset) -> None:
        """Nothing is prepared: there is no worker."""

    def hold_back(self) -> None:
        """There is no worker that could do anything."""

    def jobs(self) -> list[Job]:
        return list(self.all.values())[::-1]

    def stop(self, run_id: str) -> None:
        self.stopped.append(run_id)

    def compute(self, request: CallRequest) -> None:
        self.requests.append(request)
        self.calls[request.key] = Call(request.key)

    def call(self, key: str) -> Call | None:
        return self.calls.get(key)

    def stop_call(self, key: str) -> None:
        self.calls[key] = Call(key, done=True, stopped=True)

    def worker(self) -> WorkerState:
        return self.state


OpenPage = Callable[..., AppTest]
