"""The playground in the page: which model's list is shown, and who it is shown to."""

import pytest

from pages.ui import presets, state
from pages.ui.home import instrument
from pages.ui.state import HOME_ANOTHER, HOME_TRAIN_LINES
from tests.pages.small_lab import Lab, OpenPage, StillQueue, make_run


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict:
    """What the two components were last given."""
    seen: dict = {}
    monkeypatch.setattr(instrument, "draw", lambda data: seen.update(instrument=data))
    monkeypatch.setattr(instrument, "draw_movies", lambda data: seen.update(movies=data))
    return seen


def add_line(lab: Lab, sharing: str = "tied"):
    config = presets.line_configs(lab.data)[sharing]
    run, scorer = make_run(config, created="2026-03-01T00:00:00+00:00")
    lab.store.save(run, scorer)
    return run, scorer


def test_without_a_line_the_popular_movies_are_shown_and_lines_can_be_trained(
    lab: Lab, queue: StillQueue, open_page: OpenPage, drawn: dict
) -> None:
    app = open_page()
    assert all(way["points"] == [] for way in drawn["instrument"]["ways"])
    assert len(drawn["movies"]["movies"]) == 10
    assert all(movie["stars"] == "" for movie in drawn["movies"]["movies"])
    app.button(key=HOME_TRAIN_LINES).click().run()
    lines = [job.config for job in queue.jobs() if job.config.all_ratios]
    assert {config.sharing for config in lines} == {"tied", "mapped", "all"}


def test_list_is_that_of_the_model_at_the_place_and_says_what_changed(
    lab: Lab, open_page: OpenPage, drawn: dict
) -> None:
    add_line(lab)
    app = open_page()
    middle = [movie["title"] for movie in drawn["movies"]["movies"]]
    app.session_state[state.HOME_INSTRUMENT] = {"place": {"way": "tied", "position": 1.0}}
    app.run()
    end = drawn["movies"]["movies"]
    assert middle != [movie["title"] for movie in end]
    entered = {movie["title"] for movie in end if movie["entered"]}
    assert entered == {movie["title"] for movie in end} - set(middle)
    # The same place again: what changed is still said.
    app.run()
    assert {m["title"] for m in drawn["movies"]["movies"] if m["entered"]} == entered


def test_another_person_has_another_list_in_which_nothing_is_new(
    lab: Lab, open_page: OpenPage, drawn: dict
) -> None:
    add_line(lab)
    app = open_page()
    first = drawn["movies"]
    app.button(key=HOME_ANOTHER).click().run()
    assert drawn["movies"] != first
    assert not any(movie["entered"] for movie in drawn["movies"]["movies"])
    assert drawn["movies"]["left"] == ""


def test_instrument_has_every_evaluated_position_of_a_stored_line(
    lab: Lab, open_page: OpenPage, drawn: dict
) -> None:
    run, _ = add_line(lab, "mapped")
    open_page()
    _, mapped, _ = drawn["instrument"]["ways"]
    assert [point["position"] for point in mapped["points"]] == [p.position for p in run.line]
    expected = run.line[3].metrics["validation"]
    assert (mapped["points"][3]["x"], mapped["points"][3]["y"]) == (
        expected["rmse"], expected["ndcg@20"]
    )  # fmt: skip
