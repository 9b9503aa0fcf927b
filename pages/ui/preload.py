"""What a server does before anyone opens a page, so that the first one does not wait for it."""

import contextlib
import importlib
import pkgutil

from streamlit.env_util import is_repl

import pages.ui
from pages.ui import cache, server_log, state
from pages.ui.compare.charts.panels import GROUPINGS
from pages.ui.compare.measures import Measures
from pages.ui.compare.rows import default_selection, make_entries
from pages.ui.names import run_labels
from recsys.data.library import available_datasets
from recsys.errors import DuetError
from recsys.home import runs_folder
from recsys.runs.testbed import Testbed


def prepare() -> None:
    """Import what the pages are made of, and load what they show first: in a thread of its own."""
    server_log.leave_out_thread()
    import_pages()
    is_repl()  # Streamlit asks at its first element, and the answer takes it 0.1 s
    with contextlib.suppress(DuetError, OSError):  # the page that needs it says why
        load_newest_runs(state.app_data())


def import_pages() -> None:
    """Import all modules of the pages, and with them the libraries that those use."""
    for module in pkgutil.walk_packages(pages.ui.__path__, "pages.ui."):
        importlib.import_module(module.name)


def load_newest_runs(name: str) -> None:
    """Load a data set that is in the home folder, and measure what Compare shows of it first.

    Nothing is measured on large data: that takes long, and whoever asks for it sees why it does.

    Raises:
        DuetError: the data set or a run is damaged.
    """
    if name not in available_datasets():
        return
    config = cache.default_config(name)
    split = cache.split(config)
    if split.n_users * split.n_movies > cache.MOST_BLENDED_SCORES:
        return
    cache.baseline_metrics(config)
    bed = cache.testbed(config)
    runs = [run for run in cache.store().list() if Testbed.of_run(run) == bed]
    measures = Measures(str(runs_folder()), bed, "holdout")
    for entry_id in default_selection(make_entries(runs, run_labels(runs))):
        measures.calibration(entry_id)
        for grouping in GROUPINGS:
            measures.groups(entry_id, grouping)
