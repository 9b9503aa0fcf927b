"""Components of Streamlit whose HTML, CSS and JavaScript are files beside a module."""

from pathlib import Path
from typing import Any

import streamlit as st


def component(name: str, module: str, files: str) -> Any:
    """Return the component that these files make.

    Args:
        name: of the component, unique in the app.
        module: `__file__` of the module that the files are beside.
        files: their name without the ending.
    """
    html, css, js = (
        Path(module).with_name(f"{files}.{kind}").read_text(encoding="utf-8")
        for kind in ("html", "css", "js")
    )
    return st.components.v2.component(name, html=html, css=css, js=js)
