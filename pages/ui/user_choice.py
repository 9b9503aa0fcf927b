"""The users of a data set to choose from, as pages with one user have them."""

import streamlit as st

from pages.ui import cache, people
from recsys.config import RunConfig
from recsys.data.splits import Split
from recsys.data.tables import DataError, Dataset


def options(config: RunConfig, data: Dataset, split: Split) -> dict[str, str]:
    """Return user id -> label of the users to choose from, see `people.user_options`."""
    return _options(cache.testbed_key(config), _data=data, _split=split)


def code_of(split: Split, id_: str) -> int | None:
    """Return the code of a user id; None if there is no such user."""
    try:
        return split.user_code(id_)
    except DataError:
        return None


@st.cache_resource(max_entries=4, show_spinner=False)
def _options(key: str, _data: Dataset, _split: Split) -> dict[str, str]:
    return people.user_options(_data, _split)
