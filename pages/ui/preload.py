"""What a server does before anyone opens a page, so that the first one does not wait for it."""

import importlib
import logging
import pkgutil
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import streamlit as st
from streamlit.env_util import is_repl

import pages.ui
from pages.ui import cache, lab, server_log, state
from pages.ui.compare.measures import Measures
from pages.ui.compare.rows import Entry, default_selection, make_entries
from pages.ui.compare.units import make_units
from pages.ui.names import run_labels
from pages.ui.view import active_jobs
from recsys.data.library import available_datasets
from recsys.errors import DuetError
from recsys.home import runs_folder
from recsys.runs.files import UnreadableRunError
from recsys.runs.records import Run
from recsys.runs.testbed import Testbed
from recsys.scorer import TASKS
from recsys.threads import one_blas_thread

logger = logging.getLogger(__name__)

NEWEST = 16  # runs of which everything is measured that takes long when it is asked for
LOOK_SECONDS = 5.0  # between two looks for new runs
RETRY_SECONDS = 60.0  # after an error, e.g. a data set that is damaged
PAUSE_SECONDS = 0.3  # after each run: who opens a page meanwhile comes first


@dataclass
class Progress:
    """What has been measured ahead; where the pages' caches are cleared, it begins anew.

    Attributes:
        known: ids of the runs and baselines that have been measured, or cannot be.
        complete: the state of the runs' folder when all were known.
    """

    known: set[str] = field(default_factory=set)
    complete: int | None = None


@st.cache_resource(show_spinner=False)
def _progress(folder: str) -> Progress:
    return Progress()


def prepare() -> None:
    """Import what the pages are made of, and measure the newest runs: in a thread of its own.

    It goes on as long as the server: runs that end later are measured too, while nothing trains.
    """
    server_log.leave_out_thread()
    import_pages()
    is_repl()  # Streamlit asks at its first element, and the answer takes it 0.1 s
    name = state.app_data()
    # What a click computes is small. Threads of BLAS would take as much of the processors again,
    # waiting for each other. What is large brings its own threads, see `recsys.threads`.
    with one_blas_thread():
        while True:
            wait = LOOK_SECONDS
            try:
                measure_news(name, _progress(str(runs_folder())))
            except Exception:  # whatever it is, the page that needs it says why
                logger.info("nothing is measured ahead", exc_info=True)
                wait = RETRY_SECONDS
            time.sleep(wait)


def measure_news(name: str, progress: Progress, pause: float = PAUSE_SECONDS) -> None:
    """Measure the newest runs, if there are others than when all were known.

    Args:
        name: of a data set.
        progress: what is known; it grows.
        pause: seconds to wait after each run.

    Raises:
        DuetError: the data set is damaged.
    """
    folder = runs_folder()
    now = folder.stat().st_mtime_ns if folder.exists() else 0
    if progress.complete == now:
        return
    for is_last in measure_newest_runs(name, progress.known):
        time.sleep(pause)
        if is_last:
            progress.complete = now


def import_pages() -> None:
    """Import all modules of the pages, and with them the libraries that those use."""
    for module in pkgutil.walk_packages(pages.ui.__path__, "pages.ui."):
        importlib.import_module(module.name)


def measure_newest_runs(name: str, known: set[str]) -> Iterator[bool]:
    """Measure what the pages show of a data set and its newest runs.

    The job queue is told that trainings with the default settings are likely.

    Yield after each run, and at the end: whether nothing is left. First come the runs and baselines
    that Compare selects by itself. No run is measured while a job runs, and none on large data:
    that takes long, and whoever asks for it sees why it does.

    Args:
        name: of a data set; nothing is done unless it is in the home folder.
        known: what has been measured, or cannot be: ids of runs and of baselines, joined by commas
            where they are one unit; it grows.

    Raises:
        DuetError: the data set is damaged.
    """
    if name not in available_datasets():
        yield True
        return
    config = cache.default_config(name)
    lab.jobs().expect(config, cache.dataset(name))
    split = cache.split(config)
    if split.n_users * split.n_movies > cache.MOST_BLENDED_SCORES:
        yield True
        return
    cache.baseline_metrics(config)
    bed = cache.testbed(config)
    runs = [run for run in cache.store().list() if Testbed.of_run(run) == bed]
    measures = Measures(str(runs_folder()), bed, "holdout")
    by_id = {run.run_id: run for run in runs}
    entries = make_entries(runs, run_labels(runs))
    first = default_selection(entries)
    ids = dict.fromkeys([*first, *list(by_id)[:NEWEST]])
    wanted = {**{one: (one,) for one in ids}, **_units(entries, first, ids)}
    for key, members in wanted.items():
        if key in known:
            continue
        if active_jobs(lab.jobs()) or lab.searches().active():
            return
        known.add(key)
        _measure(key, members, measures, by_id.get(key), known)
        yield False
    yield known.issuperset(wanted)  # not while the disk does not give one of them


def _units(
    entries: Sequence[Entry], first: Collection[str], ids: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Return the members of units of several seeds, by their ids joined by commas.

    They are those of the first selection, and those that they become with all seeds.
    """
    found = {}
    for known in (first, ids):
        for unit in make_units([entry for entry in entries if entry.entry_id in known]):
            members = tuple(entry.entry_id for entry in unit.members)
            if len(members) > 1:
                found[",".join(members)] = members
    return found


def _measure(
    key: str, members: tuple[str, ...], measures: Measures, run: Run | None, known: set[str]
) -> None:
    """Measure a unit; the page that shows one that cannot be measured says why."""
    try:
        measures.prepare(members)
        if run is not None:
            _measure_lists(run)
    except UnreadableRunError:  # which may pass
        known.discard(key)
    except DuetError:
        pass
    except Exception:
        logger.warning("%s is not measured ahead", key, exc_info=True)


def _measure_lists(run: Run) -> None:
    """Measure what the Recommend page shows of all users of a run that learnt both tasks."""
    if all(map(run.learns, TASKS)):
        cache.blend_curve(run)
