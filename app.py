"""Home; and the server, which `streamlit run app.py` finds here."""

import streamlit as st

if __name__ == "__main__":  # run by the server, as the script of a page
    from pages.ui.home import page

    page.draw()
else:  # imported, once, for the server itself
    from pages.ui import access

    app = st.App("app.py", lifespan=access.closing, middleware=access.middleware())
