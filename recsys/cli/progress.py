"""Progress on stderr while the command line works."""

import contextlib
import signal
import sys
from typing import NoReturn

from tqdm import tqdm

from recsys.config import RunConfig
from recsys.data.tables import Dataset
from recsys.experiment import run_experiment
from recsys.runs.records import EpochRecord, Run
from recsys.runs.store import RunStore


def show_progress(line: str) -> None:
    """Replace the last line on stderr, if it is a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)


class _Bar:
    """The progress bar on stderr. It appears when training starts, not before an early error."""

    def __init__(self, epochs: int, name: str = "") -> None:
        self.epochs = epochs
        self.name = name
        self.bar: tqdm[NoReturn] | None = None

    def on_phase(self, phase: str) -> None:
        if phase == "training":
            desc = f"{self.name}starting TensorFlow"
            self.bar = tqdm(total=self.epochs, unit="epoch", desc=desc, file=sys.stderr)
        elif self.bar:
            self.bar.set_description_str(f"{self.name}{phase}")

    def on_epoch(self, record: EpochRecord) -> None:
        if self.bar:
            self.bar.set_description_str(f"{self.name}training", refresh=False)
            self.bar.set_postfix(
                retrieval_loss=f"{record.retrieval_loss:.3f}",
                rating_loss=f"{record.rating_loss:.3f}",
            )
            self.bar.update()

    def close(self) -> None:
        if self.bar:
            self.bar.close()


def train_with_bar(
    config: RunConfig, dataset: Dataset, store: RunStore, load_seconds: float, name: str = ""
) -> Run:
    """Train with a progress bar on stderr. The first Ctrl-C stops and keeps a stopped run.

    Raises:
        StoppedEarlyError: it came before the end of the first epoch: there is nothing to keep.
    """
    stop_requested = False

    def request_stop(*_: object) -> None:
        nonlocal stop_requested
        stop_requested = True
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, request_stop)
    try:
        with contextlib.closing(_Bar(config.epochs, name)) as bar:
            return run_experiment(
                config,
                dataset,
                store,
                load_seconds=load_seconds,
                on_phase=bar.on_phase,
                on_epoch=bar.on_epoch,
                should_stop=lambda: stop_requested,
            )
    finally:
        signal.signal(signal.SIGINT, before)
