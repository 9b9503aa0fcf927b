"""A page that shows every hostile text in one kind of element: `?kind=caption`."""

import streamlit as st

from pages.ui.names import as_typed
from tests.hostile_texts import TEXTS, marked

KINDS = {
    "alone": lambda text, key: st.markdown(text),
    "bold": lambda text, key: st.markdown(f"**{text}**: after"),
    "within": lambda text, key: st.caption(f"before :small[:gray[{text} · after]] :smile:"),
    "second line": lambda text, key: st.markdown(f"before  \n{text}"),
    "item": lambda text, key: st.markdown(f"- {text}"),
    "quoted": lambda text, key: st.warning(f"“{text}”, and more", icon=":material/info:"),
    "subheader": lambda text, key: st.subheader(text, anchor=False),
    "error": lambda text, key: st.error(text),
    "button": lambda text, key: st.button(text, key=key),
    "download": lambda text, key: st.download_button(text, b"", key=key),
    "link": lambda text, key: st.link_button(text, "http://localhost"),
    "checkbox": lambda text, key: st.checkbox(text, key=key),
    "expander": lambda text, key: st.expander(text),
    "metric": lambda text, key: st.metric(text, 1, delta_description=text),
    "progress": lambda text, key: st.progress(0.5, text),
    "label": lambda text, key: st.selectbox(text, [1], key=key),
    "radio": lambda text, key: st.radio("Choose", [text], key=key),
    "pills": lambda text, key: st.pills("Choose", [text], key=key),
    "segment": lambda text, key: st.segmented_control("Choose", [text], key=key),
}

if __name__ == "__main__":
    draw = KINDS[st.query_params["kind"]]
    for number, text in enumerate(TEXTS):
        typed = text if "alone" in st.query_params else marked(text, number)
        draw(as_typed(typed), f"key{number}")
