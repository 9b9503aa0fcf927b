from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.ui import state
from pages.ui.names import as_typed
from pages.ui.new_user import board, files, kept
from pages.ui.new_user.scene import Scene
from pages.ui.new_user.taste import MOST_IN_URL
from recsys.config import make_config
from recsys.data.library import import_csv
from tests.pages.new_user.conftest import StorePooled
from tests.pages.small_lab import Lab, OpenPage, make_run

PAGE = "pages/5_New_user.py"
HOSTILE = "![x](http://foreign.invalid/q)"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict:
    """What the component was last given, and `tell`, which calls Python as it does."""
    seen: dict = {}

    def show(data: dict, on_told_change: object) -> None:
        seen.clear()
        seen.update(data)

    monkeypatch.setattr(board, "show", show)
    return seen


def texts(app: AppTest) -> str:
    elements = [*app.markdown, *app.info, *app.warning, *app.caption]
    return "\n".join(str(element.value) for element in elements)


def ids(shown: dict) -> list[str]:
    return [movie["id"] for movie in shown["movies"]]


def test_ratings_in_the_link_change_the_list(
    store_pooled: StorePooled, open_page: OpenPage, drawn: dict
) -> None:
    run = store_pooled(1)
    open_page(PAGE, run=run.run_id)
    popular = ids(drawn["lists"][0])
    assert drawn["ratings"] == []
    app = open_page(PAGE, run=run.run_id, rated="3:5,8:1")
    assert [(movie["id"], movie["stars"]) for movie in drawn["ratings"]] == [("3", 5), ("8", 1)]
    assert ids(drawn["lists"][0]) != popular
    assert not {"3", "8"} & {*ids(drawn["lists"][0]), *(movie["id"] for movie in drawn["ask"])}
    assert not app.warning


def test_wrong_entries_of_a_link_are_said_in_one_sentence(
    store_pooled: StorePooled, open_page: OpenPage, drawn: dict
) -> None:
    app = open_page(PAGE, run=store_pooled(1).run_id, rated=f"3:5,{HOSTILE}:4,9:99")
    assert [movie["id"] for movie in drawn["ratings"]] == ["3"]
    assert not app.warning
    (line,) = [caption.value for caption in app.caption if "in this link" in caption.value]
    assert f"rating “{as_typed(f'{HOSTILE}:4')}”, “{as_typed('9:99')}”" in line


def test_without_a_run_the_page_links_to_train_and_shows_popular_movies(
    empty_lab: Lab, open_page: OpenPage, drawn: dict
) -> None:
    app = open_page(PAGE)
    assert "no finished run yet" in texts(app)  # the presets of a new lab are on their way
    assert "Watch the training" in [link.label for link in app.main.get("page_link")]
    assert len(drawn["lists"][0]["movies"]) == 10
    open_page(PAGE, rated="3:5")
    assert len(drawn["lists"][0]["movies"]) == 10


def test_a_run_without_histories_is_named(lab: Lab, open_page: OpenPage, drawn: dict) -> None:
    app = open_page(PAGE, run=lab.runs[3], rated="3:5")
    assert "half way" in texts(app)
    assert "cannot serve a new user" in texts(app)
    assert len(drawn["lists"][0]["movies"]) == 10


def test_page_opens_with_a_run_that_can_serve_a_new_user(
    lab: Lab, store_pooled: StorePooled, open_page: OpenPage, drawn: dict
) -> None:
    run = store_pooled(1)
    newer, scorer = make_run(
        make_config({"data": lab.data, "seed": 7}), created="2026-04-01T00:00:00+00:00"
    )
    lab.store.save(newer, scorer)
    assert open_page(PAGE).query_params[state.RUN] == run.run_id
    assert open_page("pages/4_Recommend.py").query_params[state.RUN] == newer.run_id


def test_runs_stand_beside_each_other(
    lab: Lab, store_pooled: StorePooled, open_page: OpenPage, drawn: dict
) -> None:
    runs = [store_pooled(seed) for seed in (1, 2, 3, 4)]
    others = ",".join(run.run_id for run in runs[1:])
    app = open_page(PAGE, run=runs[0].run_id, beside=others, rated="3:5")
    assert [shown["label"] for shown in drawn["lists"]] == ["pooled 1", "pooled 4", "pooled 3"]
    assert len({tuple(ids(shown)) for shown in drawn["lists"]}) == 3
    too_many = runs[1].run_id  # the page has room for two beside the first
    assert any(f"compare with “{too_many}”" in caption.value for caption in app.caption)


@pytest.mark.parametrize("task", ["retrieval", "rating"])
def test_task_without_weight_is_said_and_what_it_would_show_left_out(
    store_pooled: StorePooled, open_page: OpenPage, drawn: dict, task: str
) -> None:
    run = store_pooled(1, **{f"{task}_weight": 0.0})
    open_page(PAGE, run=run.run_id, rated="3:5")
    (shown,) = drawn["lists"]
    note = shown["notes"][0]
    assert f"{task} weight 0" in note
    assert drawn["blend"] is None
    stars = [movie["stars"] for movie in shown["movies"]]
    if task == "rating":
        assert not any(stars)
    else:  # sorted by predicted stars alone
        assert stars == sorted(stars, reverse=True)
        assert any(stars)


def test_ratings_stay_in_the_session_and_clear_removes_them(
    store_pooled: StorePooled, open_page: OpenPage, drawn: dict
) -> None:
    app = open_page(PAGE, run=store_pooled(1).run_id, rated="3:5,8:1")
    app.switch_page("pages/4_Recommend.py").run()
    app.switch_page(PAGE).run()
    assert [movie["id"] for movie in drawn["ratings"]] == ["3", "8"]
    assert app.query_params[state.RATED] == "3:5,8:1"
    app.button(key=state.NEW_USER_CLEAR).click().run()
    assert drawn["ratings"] == []
    assert state.RATED not in app.query_params


def test_another_data_set_has_ratings_of_its_own(
    lab: Lab, store_pooled: StorePooled, open_page: OpenPage, drawn: dict
) -> None:
    run = store_pooled(1)
    bare = lab.home / "bare.csv"
    rows = [f"u{user},film {movie},{movie % 10 + 1}" for user in range(9) for movie in range(30)]
    bare.write_text("\n".join(["user_id,movie_id,rating", *rows]))
    other = store_pooled(2, data=import_csv(bare).name)
    app = open_page(PAGE, run=run.run_id, rated="3:5")
    app.selectbox(key=state.NEW_USER_RUN).set_value(other.run_id).run()
    assert drawn["ratings"] == []
    assert drawn["scale"] == {"stars": 0, "values": tuple(range(1, 11)), "low": 1, "high": 10}
    assert not app.warning
    app.selectbox(key=state.NEW_USER_RUN).set_value(run.run_id).run()
    assert [movie["id"] for movie in drawn["ratings"]] == ["3"]


def test_run_with_all_ratios_has_a_slider(lab: Lab, open_page: OpenPage, drawn: dict) -> None:
    config = make_config({"data": lab.data, "all_ratios": True, "sharing": "tied"})
    run, scorer = make_run(config, created="2026-03-01T00:00:00+00:00")
    lab.store.save(run, scorer)
    app = open_page(PAGE, run=run.run_id)
    assert app.select_slider(key=state.bound_field(state.AT)).value == "0.5"


class Session:
    """A page's session without a browser: query parameters and session state."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.url: dict[str, str] = {}
        monkeypatch.setattr(st, "query_params", self.url)
        monkeypatch.setattr(st, "session_state", {})


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    return Session(monkeypatch)


def tell(scene: Scene, ratings: list, number: int = 1, **more: object) -> None:
    told = {"number": number, "ratings": ratings, "skipped": [], "query": ""} | more
    st.session_state[state.NEW_USER_BOARD] = {"told": told}
    board.receive(scene)


def test_a_click_is_kept_in_the_url(scene: Scene, session: Session) -> None:
    tell(scene, [["3", 5]])
    assert session.url == {state.RATED: "3:5"}
    tell(scene, [["3", 5], ["8", 2]], number=2)
    assert session.url == {state.RATED: "3:5,8:2"}
    tell(scene, [], number=1)  # overtaken by the one before
    assert session.url == {state.RATED: "3:5,8:2"}


def test_the_slider_is_kept_in_the_url(scene: Scene, session: Session) -> None:
    tell(scene, [["3", 5]], blend=25)
    assert session.url == {state.RATED: "3:5", state.BLEND: "2"}
    tell(scene, [["3", 5]], number=2, blend=0)
    assert session.url == {state.RATED: "3:5"}


def test_blend_of_a_link_ranks_the_list(
    store_pooled: StorePooled, open_page: OpenPage, drawn: dict
) -> None:
    link = {"run": store_pooled(1).run_id, "rated": "3:5,8:1"}
    open_page(PAGE, **link)
    by_score = ids(drawn["lists"][0])
    open_page(PAGE, **link, blend="inf")
    assert drawn["blend"]["value"] == "stars alone"
    assert ids(drawn["lists"][0]) != by_score
    stars = [float(movie["stars"]) for movie in drawn["lists"][0]["movies"]]
    assert stars == sorted(stars, reverse=True)


def test_the_url_of_before_a_click_is_late_just_after_it_and_a_choice_later(
    scene: Scene, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(kept.time, "monotonic", lambda: now)
    tell(scene, [["3", 5]])
    tell(scene, [["3", 5], ["8", 2]], number=2)
    for late in ({}, {state.RATED: "3:5"}):
        session.url.clear()
        session.url.update(late)  # another view reran the page with it
        assert len(kept.taste(scene).ratings) == 2
        assert session.url == {state.RATED: "3:5,8:2"}
    session.url[state.RATED] = "9:1"  # a link
    assert kept.taste(scene).ratings == {8: 1}
    now += 10
    session.url[state.RATED] = "3:5"  # back
    assert kept.taste(scene).ratings == {2: 5}
    session.url.clear()  # removed from the address
    assert kept.taste(scene).ratings == {}


def test_ratings_that_do_not_fit_are_kept_without_the_url(
    scene: Scene, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.ui.new_user.taste.MOST_IN_URL", 2)
    assert MOST_IN_URL > 2
    tell(scene, [["3", 5], ["8", 2], ["9", 1]])
    assert session.url == {}
    assert len(kept.taste(scene).ratings) == 3
    assert kept.taste(scene).is_too_long_for_url


def upload(scene: Scene, text: str, name: str = "mine.csv") -> None:
    content = text.encode()
    file = SimpleNamespace(name=name, size=len(content), getvalue=lambda: content)
    st.session_state["upload"] = file
    files._take_upload(scene, "upload")


def test_an_uploaded_file_adds_its_ratings(scene: Scene, session: Session) -> None:
    tell(scene, [["3", 5], ["8", 2]])
    upload(scene, "movie_id,rating\n8,4\n9,1\n777,3\n")
    taste = kept.taste(scene)
    assert session.url == {state.RATED: "3:5,8:4,9:1"}
    assert taste.notice == "Ratings taken from mine.csv: 2. Not in this data set: 777."
    assert taste.uploads == 1
    tell(scene, [["3", 5]], number=2)
    assert kept.taste(scene).notice == ""


@pytest.mark.parametrize("text", ["", "x", "movie_id,rating\n777,3\n", 'movie_id,rating\n"1'])
def test_a_file_that_cannot_be_used_changes_nothing(
    scene: Scene, session: Session, text: str
) -> None:
    tell(scene, [["3", 5]])
    upload(scene, text)
    taste = kept.taste(scene)
    assert taste.ratings == {2: 5}
    assert "mine.csv" in taste.problem
    assert (taste.notice, taste.uploads) == ("", 0)  # the file stays in the input
    st.session_state["upload"] = None  # taken out again
    files._take_upload(scene, "upload")
    assert kept.taste(scene).problem == ""
    assert kept.taste(scene).ratings == {2: 5}


def test_a_file_that_is_too_large_is_not_read(scene: Scene, session: Session) -> None:
    st.session_state["upload"] = SimpleNamespace(name="huge.csv", size=10**9, getvalue=None)
    files._take_upload(scene, "upload")
    assert "huge.csv: has more than 1 MB" in kept.taste(scene).problem
