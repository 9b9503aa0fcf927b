"""The playground in the page: which model's list is shown, and who it is shown to."""

from math import inf

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache, presets, state
from pages.ui.blend_places import place_of, weight_text
from pages.ui.home import instrument, person
from pages.ui.home.blend import STEPS
from pages.ui.recommend import serving_rows
from pages.ui.state import HOME_ANOTHER, HOME_TRAIN_LINES
from recsys.blend import blend
from recsys.data.library import load_dataset
from recsys.evaluation.evaluate import evaluate
from tests.pages.small_lab import Lab, OpenPage, StillQueue, make_run


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict:
    """What the two components were last given."""
    seen: dict = {}
    monkeypatch.setattr(instrument, "draw", lambda data, _: seen.update(instrument=data))
    monkeypatch.setattr(instrument, "draw_movies", lambda data, _: seen.update(movies=data))
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
    assert {config.sharing for config in lines} == {"tied", "mapped", "part"}


def show(app: AppTest, way: str, position: float) -> None:
    """Show a place of the instrument: it is in the URL."""
    app.query_params[state.LINE] = way
    app.query_params[state.AT] = f"{position:g}"
    app.run()
    assert not app.exception


def titles(movies: dict, place: int = 0) -> list[str]:
    return [movies["movies"][one]["title"] for one in movies["lists"][place]]


def test_list_is_that_of_the_model_at_the_place(lab: Lab, open_page: OpenPage, drawn: dict) -> None:
    _, scorer = add_line(lab)
    app = open_page()
    middle = titles(drawn["movies"])
    show(app, "tied", 1.0)
    assert titles(drawn["movies"]) != middle
    data, split = load_dataset(lab.data), cache.split(cache.default_config(lab.data))
    (expected,) = person.shown_lists(
        scorer.end, split, drawn["movies"]["person"], "validation", [0.0]
    )
    assert titles(drawn["movies"]) == list(data.movies["title"].iloc[expected.movies])


def test_figures_of_all_users_come_once_the_browser_has_the_list_and_asks_for_them(
    lab: Lab, open_page: OpenPage, drawn: dict
) -> None:
    run, scorer = add_line(lab)
    app = open_page()
    asked = drawn["movies"]["model"]
    assert drawn["movies"]["figures"] is None
    app.session_state[state.HOME_MOVIES] = {"model": asked}
    app.run()
    ndcg, *_ = drawn["movies"]["figures"]
    split = cache.split(run.config)
    assert len(ndcg["values"]) == len(drawn["movies"]["lists"]) == 11
    for place, weight in ((0, 0.0), (5, 2.0), (10, inf)):
        blended = blend(scorer.middle, split, weight, "validation")
        expected = evaluate(blended, split, "validation")["ndcg@20"]
        assert ndcg["values"][place] == f"{expected:.3f}"
    # At another place of the weights, they are other figures.
    show(app, "tied", 1.0)
    assert drawn["movies"]["figures"] is None
    assert drawn["movies"]["model"] != asked


def test_another_person_has_another_list(lab: Lab, open_page: OpenPage, drawn: dict) -> None:
    add_line(lab)
    app = open_page()
    first = drawn["movies"]
    app.button(key=HOME_ANOTHER).click().run()
    assert drawn["movies"]["person"] != first["person"]
    assert titles(drawn["movies"]) != titles(first)


def test_link_shows_its_person_and_its_place_of_the_weights(
    lab: Lab, open_page: OpenPage, drawn: dict
) -> None:
    add_line(lab, "mapped")
    app = open_page()
    app.button(key=HOME_ANOTHER).click().run()
    person_in_view = drawn["movies"]["person"]
    id_ = app.query_params[state.PERSON]
    id_ = id_ if isinstance(id_, str) else id_[0]
    open_page(**{state.PERSON: id_, state.AT: "0.9", state.LINE: "mapped"})
    assert drawn["movies"]["person"] == person_in_view
    assert (drawn["instrument"]["way"], drawn["instrument"]["position"]) == ("mapped", 0.9)


@pytest.mark.parametrize(
    ("asked", "place"), [("0.222", 1), ("2.01", 5), ("inf", 10), ("0", 0), ("-1", 0), ("lots", 0)]
)
def test_link_shows_its_place_of_the_serving_blend(
    lab: Lab, open_page: OpenPage, drawn: dict, asked: str, place: int
) -> None:
    add_line(lab)
    app = open_page(**{state.BLEND: asked})
    assert drawn["movies"]["blend"] == place
    refused = any("serving blend" in one.value for one in app.caption)
    assert refused == (asked in ("-1", "lots"))


def test_blend_has_the_same_words_in_the_url_here_and_on_recommend() -> None:
    here = [weight_text(place, STEPS) for place in range(STEPS + 1)]
    assert set(here) <= set(serving_rows.WEIGHTS)
    assert [place_of(text, STEPS) for text in here] == list(range(len(here)))


def test_what_a_link_asks_for_in_vain_is_said(lab: Lab, open_page: OpenPage, drawn: dict) -> None:
    add_line(lab)
    app = open_page(**{state.PERSON: "nobody", state.AT: "0.33", state.LINE: "foo"})
    (line,) = [one.value for one in app.caption if "in this link" in one.value]
    assert all(text in line for text in ("person “nobody”", "weights “0\\.33”", "sharing “foo”"))
    assert (drawn["instrument"]["way"], drawn["instrument"]["position"]) == ("tied", 0.5)


def test_note_says_which_model_learnt_a_task_alone(
    lab: Lab, open_page: OpenPage, drawn: dict
) -> None:
    open_page()
    assert "default model, with own and shared vectors" in drawn["instrument"]["note"]


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


def test_until_the_chosen_line_is_trained_the_list_is_that_of_another_one(
    lab: Lab, open_page: OpenPage, drawn: dict
) -> None:
    add_line(lab)
    app = open_page()
    tied = titles(drawn["movies"])
    show(app, "part", 0.5)
    assert titles(drawn["movies"]) == tied
    assert "The list with tied vectors" in "\n".join(caption.value for caption in app.caption)


def test_axes_of_the_instrument_stay_in_the_session(
    lab: Lab, open_page: OpenPage, drawn: dict
) -> None:
    add_line(lab)
    app = open_page()
    first = drawn["instrument"]["axes"]
    add_line(lab, "mapped")
    app.run()
    later = drawn["instrument"]["axes"]
    for axis in "xy":
        low, high = sorted((first[axis]["worst"], first[axis]["best"]))
        ends = sorted((later[axis]["worst"], later[axis]["best"]))
        assert ends[0] <= low
        assert ends[1] >= high


def test_person_is_described_in_the_component_of_the_list(open_page: OpenPage, drawn: dict) -> None:
    open_page()
    assert drawn["movies"]["who"].startswith("User ")
    assert drawn["movies"]["liked"].startswith("liked ")
