"""What a link asks for that a page cannot use: one line says it, and the page shows its defaults.

Only what came with a link is named. What a person chose here, and what has gone since (the box of a
plot, a colour of a user who is no longer in view), is no mistake of theirs.
"""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import state
from pages.ui.names import as_typed

# What the query parameters are called on the pages.
WORDS = {
    state.AT: "weights",
    state.BESIDE: "compare with",
    state.BLEND: "serving blend",
    state.BOX: "box",
    state.COLOUR: "colour",
    state.DIVERSITY: "diversity",
    state.EXPLAINED: "list",
    state.GENRES: "genre",
    state.HIDE: "most popular movies to hide",
    state.LENGTH: "number of movies",
    state.LINE: "way of sharing",
    state.MOVIE: "movie",
    state.ON_TOP: "marked",
    state.ORDER: "order",
    state.OTHER: "compare with",
    state.PERSON: "person",
    state.RATED: "rating",
    state.RATINGS: "ratings",
    state.SEEN: "seen movies",
    state.VIEW: "view",
    state.WHY: "explanation",
    state.YEARS: "years",
}
LONGEST = 40  # letters of a value that are shown
MOST = 3  # values of one query parameter that are shown

# By query parameter: the values that cannot be used, and the rest of it, None without any.
Refused = dict[str, tuple[tuple[str, ...], str | None]]


def start() -> None:
    """Begin a run of a whole page. On another page than before, its values are not asked for."""
    found = _refused()
    page, found_on = state.page(), st.session_state.get(state.LINK_PAGE)
    if page != found_on:
        for name, (_, rest) in found.items():
            if state.in_url(name) is None:
                state.remember(name, rest)
    st.session_state[state.LINK_PAGE] = page
    found.clear()


def check(name: str, wrong: Sequence[str], rest: str | None = None) -> None:
    """Note which values of a query parameter cannot be used.

    Args:
        name: the query parameter.
        wrong: the values; none if all are right.
        rest: what of the parameter can be used.
    """
    if wrong and not state.is_own(name):
        _refused()[name] = (tuple(wrong), rest)
    else:
        _refused().pop(name, None)


def forget() -> None:
    """Take out of the URL what cannot be used, for callbacks: the person has chosen since."""
    for name, (_, rest) in _refused().items():
        state.select(name, rest)
    _refused().clear()


def draw(place: DeltaGenerator) -> None:
    """Say in one line what of the link cannot be used; nothing without any."""
    found = [f"{WORDS.get(name, name)} {_quoted(wrong)}" for name, (wrong, _) in _refused().items()]
    if found:
        place.caption(
            f":material/link_off: Not found or not valid in this link, and left out: "
            f"{' · '.join(found)}."
        )


def _quoted(wrong: Sequence[str]) -> str:
    shown = [value if len(value) <= LONGEST else f"{value[:LONGEST]}…" for value in wrong[:MOST]]
    more = len(wrong) - len(shown)
    return ", ".join(f"“{as_typed(value)}”" for value in shown) + (f" and {more} more" * (more > 0))


def _refused() -> Refused:
    found: Refused = st.session_state.setdefault(state.LINK_REFUSED, {})
    return found
