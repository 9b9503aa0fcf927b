"""What the pages share: the runs of the lab."""

import pytest
from streamlit.testing.v1 import AppTest

from recsys.runs.store import RunStore
from tests.pages.small_lab import Lab, OpenPage


@pytest.mark.parametrize("page", ["1_Train", "3_Compare", "4_Recommend", "5_New_user"])
def test_a_page_reads_the_runs_once(
    lab: Lab, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    app = open_page(f"pages/{page}.py", run=lab.runs[2])
    reads = []
    read = RunStore.list

    def counted(store: RunStore):
        reads.append(store.folder)
        return read(store)

    monkeypatch.setattr(RunStore, "list", counted)
    app.run()
    assert not app.exception
    assert len(reads) == 1


def test_what_has_changed_since_is_read_again_in_the_same_run_of_a_page(lab: Lab) -> None:
    def page() -> None:
        import streamlit as st

        from pages.ui import cache

        first, second, third, *_ = (run.run_id for run in cache.runs())
        cache.store().delete(first)
        cache.store().rename(third, "another name")
        st.session_state["gone"] = (first, second, third)
        st.session_state["left"] = [(run.run_id, run.name) for run in cache.runs()]

    state = AppTest.from_function(page).run().session_state
    _, second, third = state["gone"]
    assert state["left"][:2] == [(second, ""), (third, "another name")]
    assert len(state["left"]) == len(lab.runs) - 1
