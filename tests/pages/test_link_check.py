"""What a link asks for that a page cannot use is said in one line, on each page."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import state
from pages.ui.names import as_typed
from tests.pages.small_lab import Lab, OpenPage

RECOMMEND, NEW_USER, MAP = (
    f"pages/{name}.py" for name in ("4_Recommend", "5_New_user", "6_Movie_map")
)
HOSTILE = "![x](http://host/q)"


def said(app: AppTest) -> list[str]:
    return [one.value for one in app.caption if "in this link" in one.value]


@pytest.mark.parametrize(
    ("page", "name", "value", "words"),
    [
        (RECOMMEND, state.MOVIE, "nothing", "movie “nothing”"),
        (RECOMMEND, state.BLEND, "abc", "serving blend “abc”"),
        (RECOMMEND, state.BLEND, "-1", "serving blend “\\-1”"),
        (RECOMMEND, state.DIVERSITY, "7", "diversity “7”"),
        (RECOMMEND, state.AT, "abc", "weights “abc”"),
        (RECOMMEND, state.GENRES, "Foo|Drama", "genre “Foo”"),
        (RECOMMEND, state.YEARS, "abc", "years “abc”"),
        (RECOMMEND, state.YEARS, "1800-1801", "years “1800-1801”"),
        (RECOMMEND, state.HIDE, "33", "most popular movies to hide “33”"),
        (RECOMMEND, state.BESIDE, "foo,baseline:most popular", "compare with “foo”"),
        (RECOMMEND, state.LENGTH, "33", "number of movies “33”"),
        (RECOMMEND, state.ORDER, "foo", "order “foo”"),
        (RECOMMEND, state.VIEW, "foo", "view “foo”"),
        (RECOMMEND, state.SEEN, "foo", "seen movies “foo”"),
        (RECOMMEND, state.MOVIE, HOSTILE, f"movie “{as_typed(HOSTILE)}”"),
        (NEW_USER, state.AT, "abc", "weights “abc”"),
        (MAP, state.MOVIE, "nothing", "movie “nothing”"),
        (MAP, state.OTHER, "foo", "compare with “foo”"),
        (MAP, state.COLOUR, "foo", "colour “foo”"),
        (MAP, state.AT, "abc", "weights “abc”"),
    ],
)
def test_value_that_cannot_be_used_is_named(
    lab: Lab, open_page: OpenPage, page: str, name: str, value: str, words: str
) -> None:
    (line,) = said(open_page(page, run=lab.runs[2], **{name: value}))
    assert words in line
    assert line.count("“") == 1


def test_all_of_them_are_in_one_line(lab: Lab, open_page: OpenPage) -> None:
    (line,) = said(open_page(RECOMMEND, run=lab.runs[2], movie="x1", k="33", blend="abc"))
    assert all(word in line for word in ("x1", "33", "abc"))


def test_mark_of_a_person_on_the_map_is_named(lab: Lab, open_page: OpenPage) -> None:
    (line,) = said(open_page(MAP, run=lab.runs[2], user="7", top="foo,history"))
    assert "marked “foo”" in line


def test_where_nothing_can_be_used_the_default_is_shown(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(MAP, run=lab.runs[2], user="7", top="foo")
    marked = next(one for one in app.get("button_group") if one.label == "Marked")
    assert marked.value == ["history", "recommendations"]


def test_good_link_says_nothing(lab: Lab, open_page: OpenPage) -> None:
    good = {"k": "10", "order": "stars", "view": "table", "blend": "0.7", "years": "1900-1980"}
    good |= {"movie": "3", "genres": "Drama", "beside": lab.runs[0], "at": "0.9", "seen": "no"}
    assert not said(open_page(RECOMMEND, run=lab.runs[2], user="7", **good))


def test_long_value_is_cut_off(lab: Lab, open_page: OpenPage) -> None:
    (line,) = said(open_page(RECOMMEND, run=lab.runs[2], movie="x" * 500))
    assert len(line) < 150


def test_first_choice_of_the_person_takes_it_out_of_the_link(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(RECOMMEND, run=lab.runs[2], user="7", movie="x1", genres="Foo|Drama")
    app.toggle(key=state.bound_field(state.SEEN)).set_value(True).run()
    assert not app.exception
    assert not said(app)
    assert state.MOVIE not in app.query_params
    assert app.query_params[state.GENRES] in ("Drama", ["Drama"])


def test_another_page_is_not_asked_for_it(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(RECOMMEND, run=lab.runs[2], movie="x1")
    for name in list(app.query_params):  # as a link to another page does
        del app.query_params[name]
    app.switch_page(MAP).run()
    assert not app.exception
    assert not said(app)


def test_choice_that_is_no_longer_there_is_no_mistake(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(MAP, run=lab.runs[2], user="7")
    colour = app.selectbox(key=state.bound_field(state.COLOUR))
    colour.set_value(colour.options[-1] if "tars" in colour.options[-1] else "stars").run()
    assert not app.exception
    app.selectbox(key=state.MAP_USER).set_value("").run()  # nobody: nobody's stars
    assert not app.exception
    assert not said(app)


@pytest.mark.parametrize("beside", [",".join(["{0}", "{1}", "{3}", "baseline:most popular"])])
def test_more_models_than_fit_are_left_out(lab: Lab, open_page: OpenPage, beside: str) -> None:
    app = open_page(RECOMMEND, run=lab.runs[2], user="7", beside=beside.format(*lab.runs))
    assert len(app.multiselect(key=state.bound_field(state.BESIDE)).value) == 3
    assert "compare with" in said(app)[0]
