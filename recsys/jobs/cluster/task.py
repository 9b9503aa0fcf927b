"""One job or one call in a Dask worker: report progress, react to a stop, return the result."""

import asyncio
import contextlib
import dataclasses
import importlib
import json
import logging
import socket
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from distributed import Worker, get_worker

from recsys.config import make_config
from recsys.data.kept import keep, load_kept
from recsys.data.library import load_dataset
from recsys.data.tables import DataError, Dataset
from recsys.errors import StoppedEarlyError
from recsys.memory import available_bytes, hard_limit, in_gb
from recsys.runs.records import EpochRecord
from recsys.runs.store import RunStore

logger = logging.getLogger(__name__)

TOPIC = "duet-runs"  # of the events that report progress

# Errors leave the worker as text: unpickling one of TensorFlow's own errors would import
# TensorFlow in the server.
# {"run_id": str}, {"packed": bytes}, {"result": …}, {"stopped": True}, {"error": str} or {}
Outcome = dict[str, Any]

_datasets: dict[str, Dataset] = {}  # the data set of the last job, by fingerprint


class AbandonedError(Exception):
    """The scheduler has cancelled this job."""


def run_job(
    key: str,
    run_id: str,
    config: dict[str, Any],
    fingerprint: str,
    *,
    train: str,
    store: str | None = None,
    data: dict[str, bytes] | None = None,
) -> Outcome:
    """Train a run in a Dask worker and return its id, its packed files, or an error.

    Args:
        key: of the Dask task, and of the event that stops it.
        run_id: id of the requested run; progress is reported under it.
        config: the fields of the RunConfig.
        fingerprint: of the data set at the time of the request.
        train: `module:function`, with the signature of `run_experiment`.
        store: folder of the run store, if the worker shares it with the server. None: the run is
            returned packed.
        data: the data set as packed by `pack_dataset`. None: the worker loads it from the home
            that it shares with the server.
    """
    worker = get_worker()
    attempt = uuid.uuid4().hex  # a job whose worker dies starts again from the first epoch

    def report(**fields: Any) -> None:
        worker.log_event(TOPIC, {"run_id": run_id, "key": key, "attempt": attempt, **fields})

    report(phase="loading", machine=_machine(worker))
    # A worker of another machine has the limit that it was started with.
    bounded = hard_limit() if store else contextlib.nullcontext()
    try:
        with bounded, _stop_event(worker, key) as should_stop, _open_store(store) as runs:
            start = time.perf_counter()
            dataset = _dataset(config["data"], fingerprint, data)
            run = _function(train)(
                make_config(config),
                dataset,
                runs,
                load_seconds=time.perf_counter() - start,
                on_epoch=lambda record: report(record=_plain(record)),
                on_phase=lambda phase: report(phase=phase),
                should_stop=should_stop,
            )
            return {"run_id": run.run_id} if store else {"packed": runs.pack(run.run_id)}
    except AbandonedError:
        return {}
    except StoppedEarlyError:
        return {"stopped": True}
    except Exception as error:  # of any library: as text it reaches the page, see Outcome
        return _failed(error, f"the training of run {run_id}")


def run_call(key: str, name: str, function: str, arguments: tuple[Any, ...]) -> Outcome:
    """Call a function in a Dask worker and return what it returns, or an error.

    Args:
        key: of the Dask task, and of the event that stops it.
        name: of the call; progress is reported under it.
        function: `module:function`, see `recsys.jobs.calls.CallRequest`.
        arguments: its arguments.
    """
    worker = get_worker()

    def report(progress: float) -> None:
        worker.log_event(TOPIC, {"call": name, "key": key, "progress": progress})

    report(0.0)
    try:
        with _stop_event(worker, key) as should_stop:
            result = _function(function)(*arguments, on_progress=report, should_stop=should_stop)
            return {"result": result}
    except AbandonedError:
        return {}
    except Exception as error:  # as in run_job
        return _failed(error, f"the call {name}")


def run_ahead(key: str, expected: Sequence[tuple[dict[str, Any], str]], prepare: str) -> None:
    """Prepare a Dask worker for trainings that nobody has asked for yet.

    Args:
        key: of the Dask task, and of the event that stops it.
        expected: the fields of each RunConfig, and the fingerprint of its data set.
        prepare: `module:function`, with the signature of `recsys.experiment.prepare`.
    """
    try:
        with _stop_event(get_worker(), key) as should_stop:
            for config, fingerprint in expected:
                if should_stop():
                    return
                dataset = _dataset(config["data"], fingerprint, None)
                _function(prepare)(make_config(config), dataset, should_stop)
    except AbandonedError:
        return
    except Exception:  # whatever it is: the training that needs it says so, if there ever is one
        logger.info("nothing is prepared", exc_info=True)


def pack_dataset(dataset: Dataset) -> dict[str, bytes]:
    """Return a data set as file contents by name, for a worker with another home."""
    with tempfile.TemporaryDirectory() as folder:
        keep(dataset, Path(folder) / "data", "sent")
        return {file.name: file.read_bytes() for file in (Path(folder) / "data").iterdir()}


def unpack_dataset(files: dict[str, bytes]) -> Dataset:
    """Return the data set that `pack_dataset` packed.

    Raises:
        DataError: checksum mismatch.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / Path(name).name).write_bytes(content)
        return load_kept(Path(folder))


def _machine(worker: Worker) -> str:
    """Return what the pages call a worker's machine: the worker's name, if it was given one."""
    name = str(worker.name)
    return socket.gethostname() if "://" in name else name


def _failed(error: Exception, what: str) -> Outcome:
    """Return an error as one line for the user; the log gets the traceback."""
    if not type(error).__module__.startswith("recsys."):
        logger.exception("%s failed", what)
    return {"error": _one_line(error)}


def _function(path: str) -> Callable[..., Any]:
    module, _, name = path.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def _dataset(name: str, fingerprint: str, files: dict[str, bytes] | None) -> Dataset:
    dataset = _datasets.get(fingerprint)
    if dataset is None:
        dataset = load_dataset(name) if files is None else unpack_dataset(files)
        if dataset.fingerprint != fingerprint:
            raise DataError(
                f"{name}: the data set has changed since the job was started; try again"
            )
        _datasets.clear()
        _datasets[fingerprint] = dataset
    return dataset


@contextmanager
def _stop_event(worker: Worker, key: str) -> Iterator[Callable[[], bool]]:
    """Yield a function that returns whether to stop. It is cheap enough to call at every batch.

    The worker's event loop waits for the event in the background, so a call sends no message.
    """
    loop: asyncio.AbstractEventLoop = worker.loop.asyncio_loop  # type: ignore[attr-defined]
    waiting = asyncio.run_coroutine_threadsafe(worker.scheduler.event_wait(name=key), loop)

    def should_stop() -> bool:
        task = worker.state.tasks.get(key)
        if task is None or task.state == "cancelled":
            raise AbandonedError
        # An error means that the scheduler is gone; the worker itself deals with that.
        return waiting.done() and not waiting.cancelled() and waiting.exception() is None

    async def forget() -> None:
        await worker.scheduler.event_set(name=key)  # ends the waiting
        await worker.scheduler.event_clear(name=key)

    try:
        yield should_stop
    finally:
        asyncio.run_coroutine_threadsafe(forget(), loop)


@contextmanager
def _open_store(folder: str | None) -> Iterator[RunStore]:
    if folder is not None:
        yield RunStore(Path(folder))
        return
    with tempfile.TemporaryDirectory() as temporary:
        yield RunStore(Path(temporary))


def _plain(record: EpochRecord) -> dict[str, Any]:
    # Dask does not accept events that contain NumPy numbers.
    plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(record), default=float))
    return plain


def _one_line(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return f"it needs more memory than there is ({in_gb(available_bytes())})"
    text = " ".join(str(error).split())[:500]
    return text if isinstance(error, ValueError) and text else f"{type(error).__name__}: {text}"
