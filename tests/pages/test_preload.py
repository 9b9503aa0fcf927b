"""What a server loads before anyone opens a page."""

import logging
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from threadpoolctl import threadpool_info, threadpool_limits

import pages.ui
from pages.ui import cache, preload, server_log
from pages.ui.compare.measures import Measures
from recsys.runs.files import UnreadableRunError
from tests.pages.small_lab import Lab, OpenPage


@pytest.fixture(autouse=True)
def empty_caches() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()


def test_all_modules_of_the_pages_are_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []
    monkeypatch.setattr("pages.ui.preload.importlib.import_module", imported.append)
    preload.import_pages()
    root = Path(pages.ui.__file__).parents[2]
    files = [file for file in root.glob("pages/ui/**/*.py") if file.name != "__init__.py"]
    names = [".".join(file.relative_to(root).with_suffix("").parts) for file in files]
    assert names
    assert set(names) <= set(imported)


def test_small_products_of_the_server_get_no_threads_of_blas(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[set[int]] = []

    def end(seconds: float) -> None:
        found = [one for one in threadpool_info() if one["user_api"] == "blas"]
        limits.append({one["num_threads"] for one in found})
        raise TimeoutError

    monkeypatch.setattr("pages.ui.preload.import_pages", lambda: None)
    monkeypatch.setattr("pages.ui.preload.measure_news", lambda name, progress: None)
    monkeypatch.setattr("pages.ui.preload.time", SimpleNamespace(sleep=end))
    monkeypatch.setattr("pages.ui.preload.server_log.leave_out_thread", lambda: None)
    with threadpool_limits(2, "blas"), pytest.raises(TimeoutError):
        preload.prepare()
    assert limits == [{1}]


def test_the_first_visit_of_compare_measures_nothing_again(
    lab: Lab, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    _measure(lab.data)
    for module in ("cache", "compare.measures"):
        monkeypatch.setattr(f"pages.ui.{module}.per_user_metrics", _fail)
    for function in ("popularity_groups", "calibration_groups"):
        monkeypatch.setattr(f"pages.ui.compare.measures.{function}", _fail)
    page = open_page("pages/3_Compare.py")
    assert not page.exception
    assert page.get("vega_lite_chart")


def test_nothing_is_measured_on_large_data(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    split = cache.split(cache.default_config(lab.data))
    monkeypatch.setattr(cache, "MOST_BLENDED_SCORES", split.n_users * split.n_movies - 1)
    monkeypatch.setattr("pages.ui.cache.per_user_metrics", _fail)
    _measure(lab.data)


def test_data_that_is_not_here_is_not_fetched(monkeypatch: pytest.MonkeyPatch, lab: Lab) -> None:
    monkeypatch.setattr("pages.ui.cache.fetch", _fail)
    _measure("latest-small")


def test_a_damaged_run_is_left_to_the_page_that_shows_it(lab: Lab) -> None:
    for file in (lab.store.folder / lab.runs[0]).glob("*.npz"):
        file.write_bytes(b"damaged")
    known: set[str] = set()
    list(preload.measure_newest_runs(lab.data, known))
    assert set(lab.runs[1:]) <= known


def test_a_run_that_ends_later_is_measured_when_nothing_trains(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: set[str] = set()
    list(preload.measure_newest_runs(lab.data, known))
    measured: list[str] = []
    monkeypatch.setattr(Measures, "prepare", lambda self, ids: measured.append(",".join(ids)))
    known.remove(lab.runs[0])
    with monkeypatch.context() as busy:
        busy.setattr("pages.ui.preload.active_jobs", lambda queue: ["a job"])
        list(preload.measure_newest_runs(lab.data, known))
    assert measured == []
    list(preload.measure_newest_runs(lab.data, known))
    assert measured == [lab.runs[0]]


def test_nothing_is_looked_at_again_until_the_runs_change(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = preload.Progress()
    preload.measure_news(lab.data, progress, pause=0)
    with monkeypatch.context() as idle:
        idle.setattr("pages.ui.preload.measure_newest_runs", _fail)
        preload.measure_news(lab.data, progress, pause=0)
    measured: list[str] = []
    monkeypatch.setattr(Measures, "prepare", lambda self, ids: measured.append(",".join(ids)))
    progress.known.clear()
    lab.store.delete(lab.runs[1])
    preload.measure_news(lab.data, progress, pause=0)
    assert lab.runs[0] in measured
    assert lab.runs[1] not in measured


def test_a_run_that_the_disk_does_not_give_is_tried_again(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: Measures, ids: tuple[str, ...]) -> None:
        raise UnreadableRunError("cannot be read")

    progress = preload.Progress()
    with monkeypatch.context() as bad:
        bad.setattr(Measures, "prepare", fails)
        preload.measure_news(lab.data, progress, pause=0)
    assert progress.complete is None
    preload.measure_news(lab.data, progress, pause=0)
    assert set(lab.runs) <= progress.known
    assert progress.complete is not None


def test_a_run_that_fails_in_an_unknown_way_does_not_keep_the_others(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(self: Measures, ids: tuple[str, ...]) -> None:
        raise MemoryError

    monkeypatch.setattr(Measures, "prepare", fails)
    progress = preload.Progress()
    preload.measure_news(lab.data, progress, pause=0)
    assert set(lab.runs) <= progress.known
    assert f"{lab.runs[0]} is not measured ahead" in caplog.text


def test_only_the_warnings_of_the_thread_itself_are_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context")

    def work() -> None:
        server_log.leave_out_thread()
        log.warning("of the thread")

    thread = threading.Thread(target=work)
    thread.start()
    log.warning("of another one")
    thread.join(10)
    assert [record.message for record in caplog.records] == ["of another one"]


def _fail(*arguments: object, **options: object) -> None:
    pytest.fail("it was measured again")


def _measure(name: str) -> None:
    list(preload.measure_newest_runs(name, set()))
