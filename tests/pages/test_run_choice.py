"""The choice of a place on a line."""

from recsys.config import make_config
from tests.pages.small_lab import Lab, OpenPage, make_run

PAGE = "pages/1_Train.py"


def ends(text: list[str]) -> list[str]:
    return [value for value in text if value.startswith(":small[:")]


def test_ends_of_the_weights_are_named_by_their_tasks_in_their_colours(
    lab: Lab, open_page: OpenPage
) -> None:
    run, scorer = make_run(
        make_config({"data": lab.data, "all_ratios": True}), created="2026-03-01T00:00:00+00:00"
    )
    lab.store.save(run, scorer)
    app = open_page(PAGE, run=run.run_id)
    assert len(app.select_slider) >= 1
    shown = ends([one.value for one in app.markdown])
    assert shown == [":small[:blue[retrieval]]", ":small[:orange[rating]]"]


def test_run_of_one_ratio_has_no_ends(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, run=lab.runs[2])
    assert not ends([one.value for one in app.markdown])
