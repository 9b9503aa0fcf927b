"""Share on the Compare page: downloads of the selected runs, their Python, and imports."""

import dataclasses
import io
import shutil

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache, state
from pages.ui.compare import share
from pages.ui.names import as_typed
from recsys.config import run_id
from recsys.errors import DuetError
from recsys.export.python_code import python_code
from recsys.recommend import retrieve_then_rate
from recsys.runs.bundle import pack_bundle
from recsys.runs.records import Run
from recsys.scorer import TASKS
from tests.pages.small_lab import Lab, OpenPage

PAGE = "pages/3_Compare.py"


def python_lines(app: AppTest) -> list[str]:
    return [code.value for code in app.code if code.language == "python"]


def upload(app: AppTest, content: bytes) -> AppTest:
    """Let the user choose a file."""
    (field,) = app.file_uploader
    field.set_value(("runs.zip", content, "application/zip"))
    return app.run()


def test_lines_of_python_are_those_of_the_first_selected_run(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=f"{lab.runs[2]},{lab.runs[0]}")
    assert python_lines(app) == [python_code(lab.store.load(lab.runs[2])).strip()]


def test_any_of_the_selected_runs_can_be_shared(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=",".join(lab.runs[:3]))
    choice = app.selectbox(key=state.COMPARE_SHARED)
    assert choice.options == ["multi-task", "retrieval-specialised", "rating-specialised"]
    assert choice.value == lab.runs[2]
    app = choice.set_value(lab.runs[0]).run()
    assert not app.exception
    assert python_lines(app) == [python_code(lab.store.load(lab.runs[0])).strip()]
    assert any("trains rating-specialised again" in one.value for one in app.caption)


def test_run_that_is_deselected_is_shared_no_more(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=",".join(lab.runs[:3]))
    app = app.selectbox(key=state.COMPARE_SHARED).set_value(lab.runs[0]).run()
    app.query_params[state.RUNS] = ",".join(lab.runs[1:3])
    app = app.run()
    assert not app.exception
    assert python_lines(app) == [python_code(lab.store.load(lab.runs[2])).strip()]


def test_single_run_is_named_and_needs_no_choice(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=lab.runs[0])
    assert [one.key for one in app.selectbox].count(state.COMPARE_SHARED) == 0
    assert any(one.value == "**rating-specialised**" for one in app.markdown)


def test_python_says_where_it_is_to_be_run(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=lab.runs[0])
    assert any("Duet's folder" in one.value for one in app.caption)


def test_without_a_selected_run_only_the_import_is_offered(open_page: OpenPage) -> None:
    app = open_page(PAGE, runs="most-popular")
    assert not python_lines(app)
    assert any("Select a run in the table to share it" in one.value for one in app.caption)
    assert len(app.file_uploader) == 1


def test_imported_runs_are_selected(lab: Lab, open_page: OpenPage) -> None:
    content = pack_bundle(lab.store, lab.runs[:2])
    lab.store.delete(lab.runs[0])
    app = open_page(PAGE)
    (before,) = [field.key for field in app.file_uploader]
    app = upload(app, content)
    assert not app.exception
    assert set(app.query_params[state.RUNS].split(",")) == set(lab.runs[:2])
    assert lab.runs[0] in lab.store
    (said,) = [one.value for one in app.toast]
    assert said == (
        f"Imported: **{as_typed('rating-specialised')}**. "
        f"Already here: **{as_typed('retrieval-specialised')}**. Selected in the table."
    )
    assert [field.key for field in app.file_uploader] != [before]  # closed and empty again


def test_first_run_of_an_empty_lab_can_be_imported(lab: Lab, open_page: OpenPage) -> None:
    content = pack_bundle(lab.store, lab.runs[:1])
    shutil.rmtree(lab.home / "runs")
    app = upload(open_page(PAGE), content)
    assert not app.exception
    assert lab.runs[0] in lab.store


def test_file_that_is_no_bundle_is_one_line_and_changes_nothing(
    lab: Lab, open_page: OpenPage
) -> None:
    app = open_page(PAGE)
    before = app.query_params[state.RUNS]
    upload(app, b"user_id,movie_id\n")
    assert [one.value for one in app.error] == [
        as_typed("not a bundle of Duet: File is not a zip file")
    ]
    assert app.query_params[state.RUNS] == before


@pytest.mark.parametrize("ending", share.LISTS)
def test_lists_of_all_users_are_those_of_the_recommend_page(
    lab: Lab, open_page: OpenPage, ending: str
) -> None:
    open_page(PAGE)
    run = lab.store.load(lab.runs[2])
    file = io.BytesIO(share.everyones_lists(run, ending))
    table = pd.read_parquet(file) if ending == ".parquet" else pd.read_csv(file, dtype=str)
    split, model = cache.split(run.config), cache.scorer(run.run_id)
    assert table["user_id"].nunique() == split.n_users
    user = split.user_code("7")
    shown = retrieve_then_rate(model, split, user, share.TOP)
    own = table[table["user_id"] == "7"]
    assert own["movie_id"].tolist() == split.movie_ids[shown.movies].tolist()


def test_saved_model_is_made_by_the_worker(
    lab: Lab, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(PAGE)
    asked = []
    monkeypatch.setattr(
        "pages.ui.lab.computed", lambda function, *arguments: asked.append(arguments) or b"zip"
    )
    assert share.saved_model(lab.store.load(lab.runs[2])) == b"zip"
    ((model, tasks, split, titles, k),) = asked
    assert (tasks, k, model.n_users) == (frozenset(TASKS), share.TOP, split.n_users)
    assert len(titles) == split.n_movies


def test_report_of_a_run_has_its_figures(lab: Lab, open_page: OpenPage) -> None:
    open_page(PAGE)
    run = lab.store.load(lab.runs[2])
    text = share.report(run, "multi-task · mine")
    assert "<h1>multi-task · mine</h1>" in text
    assert run.run_id in text
    assert f"{run.metrics['holdout']['rmse']:.3f}" in text


def elsewhere(lab: Lab) -> Run:
    """Return a stored run of a data set that this lab does not have."""
    own = lab.store.load(lab.runs[2])
    config = own.config.model_copy(update={"data": "elsewhere-12ab"})
    run = dataclasses.replace(
        own,
        run_id=run_id(config, "cd" * 32),
        config=config,
        dataset=config.data,
        fingerprint="cd" * 32,
        created="2026-05-01T00:00:00+00:00",
    )
    lab.store.save(run, lab.store.scorer(own.run_id))
    return run


@pytest.mark.parametrize(
    "page", [PAGE, "app.py", *(f"pages/{n}.py" for n in ("1_Train", "2_Trade-off", "4_Recommend"))]
)
def test_run_of_data_that_are_not_here_breaks_no_page(
    lab: Lab, open_page: OpenPage, page: str
) -> None:
    run = elsewhere(lab)
    app = open_page(page, runs=run.run_id, run=run.run_id)
    assert not app.exception
    assert all("there is no data set" in one.value for one in app.error)


def test_report_of_a_run_whose_data_are_not_here_is_not_offered(
    lab: Lab, open_page: OpenPage
) -> None:
    app = open_page(PAGE, runs=elsewhere(lab).run_id)
    disabled = {one.label: one.disabled for one in app.get("download_button")}
    assert (disabled["Report"], disabled["Bundle"]) == (True, False)


def test_report_of_a_run_of_other_data_is_refused(lab: Lab, open_page: OpenPage) -> None:
    open_page(PAGE)
    run = dataclasses.replace(lab.store.load(lab.runs[2]), fingerprint="cd" * 32)
    with pytest.raises(DuetError, match="was trained on other data than today's"):
        share.report(run, "multi-task")
