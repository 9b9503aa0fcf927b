"""The function and the plugin that Dask pickles by name and sends to workers.

This module imports little, because the scheduler imports it too.
"""

import importlib
import threading
from typing import Any

from distributed import Worker, WorkerPlugin


def run_job(*arguments: Any, version: str = "", **options: Any) -> dict[str, Any]:
    """Run `recsys.jobs.cluster.task.run_job`, in a worker of the server's version."""
    from recsys.jobs.cluster import task
    from recsys.jobs.cluster.version import mismatch

    if version and (problem := mismatch(version)):
        return {"error": problem}
    return task.run_job(*arguments, **options)


def run_call(*arguments: Any) -> dict[str, Any]:
    """Run `recsys.jobs.cluster.task.run_call`, in a worker."""
    from recsys.jobs.cluster import task

    return task.run_call(*arguments)


def run_ahead(*arguments: Any) -> None:
    """Run `recsys.jobs.cluster.task.run_ahead`, in a worker."""
    from recsys.jobs.cluster import task

    task.run_ahead(*arguments)


class WarmUp(WorkerPlugin):  # type: ignore[misc]
    """Imports modules in a worker, in a separate thread."""

    name = "duet-warm-up"

    def __init__(self, modules: tuple[str, ...]) -> None:
        """Set the modules to import."""
        self.modules = modules

    def setup(self, worker: Worker) -> None:
        """Start the import."""
        threading.Thread(target=self._import_all, daemon=True).start()

    def _import_all(self) -> None:
        for module in self.modules:
            importlib.import_module(module)
