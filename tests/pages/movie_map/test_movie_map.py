import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import state
from pages.ui.movie_map import inputs
from pages.ui.names import as_typed
from recsys.config import make_config
from recsys.data.library import import_csv
from recsys.runs.names import config_name
from tests.pages.small_lab import Lab, OpenPage, StillQueue, make_run

PAGE = "pages/6_Movie_map.py"
OTHER, COLOUR, ON_TOP = (state.bound_field(n) for n in (state.OTHER, state.COLOUR, state.ON_TOP))


def texts(app: AppTest) -> str:
    elements = [*app.markdown, *app.caption, *app.warning, *app.info]
    return "\n".join(element.value for element in elements)


def component(app: AppTest, name: str) -> dict[str, Any]:
    """Return the data of the component duet_map_`name`."""
    (proto,) = [
        one.proto for one in app.get("bidi_component") if one.proto.component_name.endswith(name)
    ]
    return json.loads(proto.bytes or proto.json)


def test_page_opens_with_a_map_of_the_newest_run(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE)
    assert app.query_params[state.RUN] == lab.runs[2]
    data = component(app, "points")
    assert len(data["maps"]) == 1
    assert component(app, "shown")["movie"] is None
    assert "of their variance" in texts(app)


def test_link_shows_its_run_movie_colour_and_user(lab: Lab, open_page: OpenPage) -> None:
    wanted = {"run": lab.runs[1], "movie": "5", "colour": "year", "user": "7", "top": "history"}
    app = open_page(PAGE, other=lab.runs[2], **wanted)
    points, shown = component(app, "points"), component(app, "shown")
    assert len(points["maps"]) == 2
    assert points["ids"][shown["movie"]["place"]] == "5"
    assert shown["colour"] == "year"
    assert shown["user"]["history"]
    assert shown["user"]["recommended"] == [[], []]
    assert points["key"] == shown["key"]


def test_points_stay_the_same_while_what_is_marked_changes(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, run=lab.runs[2], movie="5")
    before = component(app, "points")
    app.selectbox(key=COLOUR).set_value("mean").run()
    assert component(app, "points") == before
    assert app.query_params[state.COLOUR] == "mean"


def test_choosing_a_second_map_and_a_user_is_in_the_url(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, run=lab.runs[2])
    app.selectbox(key=OTHER).set_value(lab.runs[1]).run()
    assert app.query_params[state.OTHER] == lab.runs[1]
    app.selectbox(key=state.MAP_USER).set_value("7").run()
    assert app.query_params[state.USER] == "7"
    app.selectbox(key=COLOUR).set_value("stars").run()
    assert component(app, "shown")["colouring"]["stars"]
    app.selectbox(key=state.MAP_USER).set_value(inputs.NOBODY).run()
    assert not app.exception
    assert state.USER not in app.query_params
    assert component(app, "shown")["user"] is None


def test_run_with_all_ratios_shows_two_of_its_positions(lab: Lab, open_page: OpenPage) -> None:
    config = make_config({"data": lab.data, "all_ratios": True})
    run, scorer = make_run(config, created="2026-02-01T00:00:00+00:00")
    lab.store.save(run, scorer)
    app = open_page(PAGE, run=run.run_id, at="0", other="@1")
    assert [one["name"].split(" at ")[1] for one in component(app, "points")["maps"]] == [
        "1 : 0.033",
        "0.033 : 1",
    ]


@pytest.mark.parametrize("parameter", [state.RUN, state.OTHER])
def test_baseline_has_no_map(lab: Lab, open_page: OpenPage, parameter: str) -> None:
    app = open_page(PAGE, **{parameter: "baseline:most popular"})
    assert inputs.NO_VECTORS in texts(app)
    assert component(app, "points")["maps"]


def test_unknown_ids_are_named_or_left_out(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, run=lab.runs[2], user="nobody", movie="none", other="none", colour="x")
    assert "no user nobody in" in texts(app)
    assert component(app, "shown")["movie"] is None
    assert component(app, "shown")["colour"] == "genre"


def test_data_without_genres_and_years_have_no_such_colours(lab: Lab, open_page: OpenPage) -> None:
    ratings = [f"{user},{movie},{1 + user * movie % 5}" for user in range(12) for movie in range(9)]
    file = lab.home.parent / "bare.csv"
    file.write_text("\n".join(["user_id,movie_id,rating", *ratings]))
    config = make_config({"data": import_csv(file).name})
    run, scorer = make_run(config, created="2026-02-01T00:00:00+00:00")
    lab.store.save(run, scorer)
    app = open_page(PAGE, run=run.run_id, colour="genre")
    assert app.selectbox(key=COLOUR).options == ["Popularity", "Mean rating"]
    assert set(component(app, "points")["colourings"]) == {"popularity", "mean"}


def test_lab_without_runs_says_which_are_on_their_way(
    empty_lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    app = open_page(PAGE)  # the first page of a lab asks for the presets
    first = min(queue.jobs(), key=lambda job: job.position)
    later = len(queue.jobs()) - 1
    assert f"**{as_typed(config_name(first.config))}**, and {later} more after it" in texts(app)
    (link,) = app.main.get("page_link")
    assert link.label == "Watch the training"
    assert first.run_id in link.proto.query_string
    assert [one.key for one in app.get("bidi_component")] == [state.HISTORY]
    queue.all.clear()
    app.run()
    assert "There is no run yet" in texts(app)
    assert [link.label for link in app.main.get("page_link")] == ["Train a run"]


def test_every_choice_is_in_the_url_and_a_link_brings_it_back(
    lab: Lab, open_page: OpenPage
) -> None:
    config = make_config({"data": lab.data, "all_ratios": True})
    run, scorer = make_run(config, created="2026-02-01T00:00:00+00:00")
    lab.store.save(run, scorer)
    app = open_page(PAGE, run=run.run_id)
    at = state.bound_field(state.AT)
    app.select_slider(key=at).set_value("0.9").run()
    app.selectbox(key=OTHER).set_value("@0.1").run()
    app.selectbox(key=state.MAP_USER).set_value("7").run()
    app.pills(key=ON_TOP).set_value(["history"]).run()
    app.selectbox(key=COLOUR).set_value("mean").run()
    link = dict(app.query_params)
    assert link == {
        "run": run.run_id,
        "at": "0.9",
        "other": "@0.1",
        "user": "7",
        "top": "history",
        "colour": "mean",
    }
    again = open_page(PAGE, **link)
    for name in ("points", "shown"):
        assert component(again, name) == component(app, name)


def test_names_tell_a_line_and_a_single_training_apart(lab: Lab, open_page: OpenPage) -> None:
    run, scorer = make_run(
        make_config({"data": lab.data, "all_ratios": True}), created="2026-02-01T00:00:00+00:00"
    )
    lab.store.save(run, scorer)
    app = open_page(PAGE, run=lab.runs[2], other=run.run_id)
    names = [one["name"] for one in component(app, "points")["maps"]]
    assert names == ["multi-task, single training", "all ratios (own and shared), at 1 : 1"]
    app = open_page(PAGE, run=run.run_id, other="@0.9")
    names = [one["name"] for one in component(app, "points")["maps"]]
    line = "all ratios (own and shared)"
    assert names == [f"{line}, at 1 : 1", f"{line}, at 0.066 : 1"]
    assert "multi-task, single training" in app.selectbox(key=OTHER).options


def test_what_a_model_has_not_learnt_is_neither_a_colour_nor_marked(
    lab: Lab, open_page: OpenPage
) -> None:
    rating_only = next(one for one in lab.runs if not lab.store.load(one).learns("retrieval"))
    app = open_page(PAGE, run=rating_only, user="7", colour="rank")
    assert "rank" not in app.selectbox(key=COLOUR).options
    assert component(app, "shown")["colour"] != "rank"
    assert component(app, "shown")["user"]["recommended"] == [[]]
    retrieval_only = next(one for one in lab.runs if not lab.store.load(one).learns("rating"))
    app = open_page(PAGE, run=retrieval_only, user="7", colour="stars")
    assert component(app, "shown")["colour"] != "stars"
