"""What figures are measured on, said beside them: the part, its users and its ratings."""

import numpy as np
import streamlit as st

from pages.ui import cache
from recsys.config import RunConfig
from recsys.counted import counted
from recsys.data.splits import Split
from recsys.evaluation.evaluate import Part


def basis(config: RunConfig, part: Part) -> str:
    """Return e.g. `the holdout: 926 users, 10,000 ratings`, of the split that a config asks for.

    Raises:
        DataError: the data set does not exist.
    """
    users, ratings = _size(cache.testbed_key(config), part, _split=cache.split(config))
    return f"{part_words(part)}: {counted(users, 'user')}, {counted(ratings, 'rating')}"


def part_words(part: Part) -> str:
    """Return a part as sentences name it: `the holdout`, `validation`."""
    return "the holdout" if part == "holdout" else part


@st.cache_data(max_entries=50, show_spinner=False)
def _size(testbed: str, part: Part, _split: Split) -> tuple[int, int]:
    """Return how many users have ratings in a part, and how many ratings it has."""
    rows = getattr(_split, part)
    return len(np.unique(rows.users)), len(rows)
