"""Inputs that a page sets. What a browser still sends under an old key is a browser test."""

from streamlit.testing.v1 import AppTest

TIMEOUT = 120  # seconds; on a busy machine a first run takes more than the default 3


def page() -> None:
    import streamlit as st

    from pages.ui.set_inputs import on_change, set_value, value_of, widget_key

    def react() -> None:
        st.session_state["changes"] = [*st.session_state.get("changes", []), value_of("weight")]

    if value_of("weight") is None:
        set_value("weight", 5)
    callback = on_change("weight", react)
    st.session_state.setdefault("drawn first", callback)
    st.number_input("Weight", key=widget_key("weight"), on_change=callback)
    st.button("Set to 5", on_click=set_value, args=("weight", 5))
    st.button("Set to 9", on_click=set_value, args=("weight", 9))
    st.button("As an old input", on_click=st.session_state["drawn first"])


def click(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def test_the_page_and_the_person_set_an_input_in_turn() -> None:
    app = AppTest.from_function(page, default_timeout=TIMEOUT).run()
    assert app.number_input[0].value == 5
    app.number_input[0].set_value(7).run()
    assert app.session_state["changes"] == [7]
    click(app, "Set to 9")
    assert app.number_input[0].value == 9
    app.number_input[0].set_value(8).run()
    assert app.number_input[0].value == 8
    assert app.session_state["changes"] == [7, 8]


def test_an_input_is_new_only_when_the_page_changes_its_value() -> None:
    app = AppTest.from_function(page, default_timeout=TIMEOUT).run()
    before = app.number_input[0].key
    click(app, "Set to 5")
    assert app.number_input[0].key == before
    click(app, "Set to 9")
    assert app.number_input[0].key != before


def test_a_change_of_an_input_that_has_been_replaced_is_left_alone() -> None:
    app = AppTest.from_function(page, default_timeout=TIMEOUT).run()
    click(app, "As an old input")
    assert app.session_state["changes"] == [5]  # it is still the one that is drawn
    click(app, "Set to 9")
    click(app, "As an old input")
    assert app.session_state["changes"] == [5]
