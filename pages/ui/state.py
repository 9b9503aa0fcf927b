"""What a page remembers: query parameters and session-state keys, named nowhere else.

The selections below are in the URL, so a reload and a shared link reproduce the view, and in the
session, so that they outlast a switch of pages.
"""

import os
import time
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from recsys.config import DEFAULT_DATA

LAG_SECONDS = 3.0  # that a browser takes at most to hear of a selection, unless it is overloaded

# Query parameters.
RUN = "run"  # id of the run in view
WITH = "with"  # id of the run that the run in view is compared with
RUNS = "runs"  # ids of the runs compared, separated by commas
RATINGS = "ratings"  # which of a user's ratings are shown: history or holdout
RATED = "rated"  # a new user's ratings, `movie id:stars`, separated by commas
USER = "user"  # id of the user in view
BASE = "base"  # id of a run whose settings a sweep is made with
POINTS = "points"  # ratios of a sweep
SEEDS = "seeds"  # of each ratio
SHARING = "sharing"  # how much the tasks share in a sweep; several are separated by commas
ORDER = "order"  # what a list is sorted by
LENGTH = "k"  # of a list
VIEW = "view"  # whether a list is shown as tiles or as a table
GENRES = "genres"  # that a list is filtered by, separated by |
YEARS = "years"  # that a list is filtered by: first-last
HIDE = "hide"  # how many of the most popular movies a list leaves out
SEEN = "seen"  # whether a list may hold seen movies
BESIDE = "beside"  # ids of the models whose lists stand beside that of the run
LINE = "line"  # the way of sharing whose line Home shows
PERSON = "person"  # id of the user that Home shows
MOVIE = "movie"  # id of the movie that is explained, or highlighted on the map
OTHER = "other"  # the second movie map: id of a run, or @ and a position on the line
LAYOUT = "layout"  # of the movie map
COLOUR = "colour"  # of the movies on the map
ON_TOP = "top"  # what of the user is shown on the map
AT = "at"  # position in view on the line of a run with all ratios
WAY = "way"  # `search`, or a sweep
TRIALS = "trials"  # of a search
PART = "part"  # what is measured on: validation or holdout
X = "x"  # metric of its level axis
Y = "y"  # metric of its upright axis
WHY = "why"  # what of a movie is explained: score or stars; else its difference to the list
EXPLAINED = "list"  # which of several lists is explained, from 1
BOX = "box"  # in the plot of both scores, that a list is filtered by: score,stars
BLEND = "blend"  # weight of the predicted stars when movies are ranked
DIVERSITY = "diversity"  # how much a list avoids similar movies
SEARCH = "search"  # a value of WAY
TESTBED = "on"  # key of the data and split that the compared runs were measured on
PIN = "pin"  # id of the entry that the others are compared with
WHERE = "where"  # values of settings that the compared runs are filtered by
GROUP = "group"  # whether seeds of one config are compared together
UNFOLD = "unfold"  # units of which the single runs are shown
METRICS = "metrics"  # which metrics are compared
CURVES = "curves"  # which curves are compared
OVER = "over"  # what the curves run over
BASELINES = "baselines"  # whether the plot of a sweep reaches out to them
USERS = "users"  # whether errors are compared by user and movie

# Widget keys, "page.field".
TRAIN_PRESET = "train.preset"
TRAIN_ORIGIN = "train.origin"  # the run whose config the inputs were filled with
TRAIN_NOTICE = "train.notice"  # (run id, sentence) about what the last click did
TRAIN_IMPORT_PROBLEM = "train.import_problem"
TRAIN_MODEL = "train.open_model"  # whether its inputs are shown
TRAIN_SPLIT = "train.open_split"
TRAIN_START = "train.start"
TRAIN_STOP = "train.stop"
TRAIN_DISMISS = "train.dismiss"
TRAIN_BACK = "train.back"
TRAIN_OTHER = "train_other"  # around what is dimmed: the result of other settings
TRAIN_TUNED = "train.tuned"  # the switches whose defaults the inputs hold, not a widget
TRAIN_UPLOAD_RATINGS = "train.upload_ratings"
TRAIN_UPLOAD_MOVIES = "train.upload_movies"
TRAIN_UPLOAD_HOLDOUT = "train.upload_holdout"
TRAIN_IMPORT = "train.import"
TRAIN_MOVIELENS = "train.movielens"
TRAIN_FETCH = "train.fetch"
TRAIN_FETCHED = "train.fetched"  # a data set that has just arrived, to be chosen
TRAIN_CURVES = "train.curves"  # the view that shows a job's curves
TRAIN_SHOWN = "train.shown"  # epochs in those curves as last drawn, not a widget
HOME_BELOW = "home.below"
HOME_TRAIN_PRESETS = "home.train_presets"
HOME_TRAIN_LINES = "home.train_lines"
HOME_INSTRUMENT = "home.instrument"
HOME_MOVIES = "home.movies"
HOME_AXES = "home.axes"  # of the instrument as last drawn, not a widget
HOME_ANOTHER = "home.another"
COMPARE_TABLE = "compare.table"
COMPARE_ORDER = "compare.order"  # ids of the table's rows as last shown, not a widget
COMPARE_HIDDEN = "compare.hidden"  # selected ids that a filter hides, not a widget
COMPARE_DEFAULT = "compare.default"  # the default selection as last shown, not a widget
COMPARE_TESTBED = "compare.testbed"
COMPARE_ADD_SEEDS = "compare.add_seeds"
COMPARE_CLEAR_FILTER = "compare.clear_filter"
COMPARE_FIELDS = "compare.fields"
COMPARE_PAPER = "compare.paper"
COMPARE_PAPER_FORMAT = "compare.paper_format"
COMPARE_DIFFERENCES = "compare.differences"
COMPARE_RENAME = "compare.rename"
COMPARE_RENAME_FORM = "compare.rename_form"
COMPARE_DELETE = "compare.delete"
COMPARE_DELETE_CONFIRM = "compare.delete_confirm"
COMPARE_DELETE_KEEP = "compare.delete_keep"
COMPARE_DOWNLOAD = "compare.download"
COMPARE_SHARE = "compare.share"
COMPARE_SHARED = "compare.shared"  # which of the selected runs
COMPARE_BUNDLE = "compare.bundle"
COMPARE_REPORT = "compare.report"
COMPARE_MODEL = "compare.model"
COMPARE_IMPORTS = "compare.imports"  # how many bundles were imported, not a widget
COMPARE_BOARD = "compare.board"
COMPARE_DRAWN = "compare.drawn"  # the selection on the board, and how many boards there were
COMPARE_CHARTS = "compare.charts"
COMPARE_DETAILS = "compare.details"
COMPARE_CLICKED = "compare.clicked"  # the board and the points that were clicked last, not a widget
TRADEOFF_LINES = "tradeoff.lines"
TRADEOFF_START = "tradeoff.start"
TRADEOFF_STOP = "tradeoff.stop"
TRADEOFF_DEFAULT = "tradeoff.default"
SEARCH_START = "search.start"
SEARCH_STOP = "search.stop"
TRADEOFF_PLOT = "tradeoff.plot"
TRADEOFF_RATIOS = "tradeoff.ratios"  # whether they are shown as a table
TRADEOFF_TRIALS = "tradeoff.trials"
RECOMMEND_RUN = "recommend.run"
RECOMMEND_USER = "recommend.user"
RECOMMEND_PREVIOUS = "recommend.previous"
RECOMMEND_NEXT = "recommend.next"
RECOMMEND_RANDOM = "recommend.random"
RECOMMEND_EXAMPLE = "recommend.example"
RECOMMEND_LIST = "recommend.list"
RECOMMEND_RATINGS = "recommend.ratings"
RECOMMEND_TASTE = "recommend.taste"
RECOMMEND_FILTERS = "recommend.filters"
RECOMMEND_DOWNLOAD = "recommend.download"
RECOMMEND_SCATTER = "recommend.scatter"
RECOMMEND_BOX_CLEARED = "recommend.box_cleared"  # how often the plot's box was, not a widget
RECOMMEND_CLEAR_BOX = "recommend.clear_box"
RECOMMEND_BOARD = "recommend.board"
RECOMMEND_WHY = "recommend.why"
RECOMMEND_ALL_USERS = "recommend.all_users"  # whether what blend and diversity do is shown
RECOMMEND_BLENDS = "recommend.blends"  # the chart of the serving blend
MAP_RUN = "map.run"
MAP_USER = "map.user"
MAP_POINTS = "map.points"
MAP_SHOWN = "map.shown"
MAP_STOP = "map.stop"
MAP_AGAIN = "map.again"
QUEUE = "queue"  # in the sidebar: the jobs that come later
NEW_USER_RUN = "new_user.run"
NEW_USER_BOARD = "new_user.board"
NEW_USER_KEPT = "new_user.kept"  # the ratings given on each data set, not a widget
NEW_USER_REPLACED = "new_user.replaced"  # when which ratings in the URL were replaced, no widget
NEW_USER_EXPORT = "new_user.export"
NEW_USER_CLEAR = "new_user.clear"
HISTORY = "history"  # the component without a face
LINK_REFUSED = "link.refused"  # what of the URL the page cannot use, not a widget
LINK_PAGE = "link.page"  # the page on which that was found, not a widget

_PAGE = "url.page"  # the page in view
_IN_URL = "url.names"  # the query parameters in its URL
_NEAR_NEWS = "page.near"  # keys of the sections that have just come near the screen, or gone away
_HELD = "url.held"  # widget key -> kind of the widgets that were given a value on this page
_OWN = "url.own"  # query parameter -> the value that was selected here, not by a link
_REPLACED = "url.replaced"  # query parameter and value -> when a selection here replaced it


def page_id() -> str:
    """Return what tells this open page from all others on this server."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def went_back() -> bool:
    """Return whether the page is run because the browser went back or forward to its URL."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def app_data() -> str:
    """Return the name of the data set the app opens with: `RECSYS_DATA` or the default."""
    return os.environ.get("RECSYS_DATA") or DEFAULT_DATA


def train_field(field: str) -> str:
    """Return the widget key of a RunConfig field on the Train page."""
    return f"train.{field}"


def bound_field(name: str) -> str:
    """Return the widget key of a choice that a query parameter holds."""
    return f"bound.{name}"


def scatter_field() -> str:
    """Return the widget key of the plot of both scores, another one when its box was cleared.

    Only the browser can take a box out of a plot; so it gets a new plot.
    """
    cleared = st.session_state.get(RECOMMEND_BOX_CLEARED, 0)
    return f"{RECOMMEND_SCATTER}.{cleared}" if cleared else RECOMMEND_SCATTER


def filter_field(field: str) -> str:
    """Return the widget key of the values of a field that runs are filtered by."""
    return f"compare.filter.{field}"


def rename_field(run_id: str) -> str:
    """Return the widget key of a run's new name on the Compare page."""
    return f"compare.rename.{run_id}"


def compare_lists(ending: str) -> str:
    """Return the widget key of the download of all users' lists as a file with this ending."""
    return f"compare.lists{ending}"


def compare_import(field: str) -> str:
    """Return the widget key of a part of the import of runs, another one for each bundle.

    So the part is closed and empty once its bundle is taken.
    """
    return f"compare.import.{field}.{st.session_state.get(COMPARE_IMPORTS, 0)}"


def import_field(number: int) -> str:
    """Return the widget key of the upload of a new user's ratings, another one for each file."""
    return f"new_user.import.{number}"


def enter(page: str) -> None:
    """Say which page this is, before anything is selected on it."""
    if st.session_state.get(_PAGE) != page:
        st.session_state[_PAGE] = page
        st.session_state[_IN_URL] = set()
        st.session_state[_HELD] = {}


def page() -> str | None:
    """Return the page in view, as `enter` was told."""
    found: str | None = st.session_state.get(_PAGE)
    return found


def note_near(section: str) -> None:
    """Note that a section of the page, named by its key, has come near the screen, or gone away."""
    st.session_state.setdefault(_NEAR_NEWS, set()).add(section)


def is_near(section: str) -> bool:
    """Return whether a section is near the screen."""
    found = st.session_state.get(section)
    return bool(found and found.get("near"))


def was_just_near(section: str) -> bool:
    """Return, once, whether a section is drawn because it has gone away from the screen."""
    news: set[str] = st.session_state.get(_NEAR_NEWS, set())
    was_near = section in news
    news.discard(section)
    return was_near


def hold(key: str, value: Any, kind: object = None) -> None:
    """Give a widget this value before it is drawn.

    A value that the widget has already is not set again: the browser would take it for news, and
    undo what was pressed in the meantime. But the widgets of a page that is entered are new ones,
    whatever those of the page before had under the same key.

    Args:
        key: of the widget.
        value: its value.
        kind: what makes it a new widget for Streamlit where it changes, such as a slider's ends.
    """
    held: dict[str, object] = st.session_state.setdefault(_HELD, {})
    is_new = key not in held or held[key] != kind or key not in st.session_state
    if is_new or st.session_state[key] != value:
        st.session_state[key] = value
    held[key] = kind


def in_url(name: str) -> str | None:
    """Return what the URL holds under a query parameter; None without it."""
    return st.query_params.get(name) or None


def selected(name: str) -> str | None:
    """Return what is selected under a query parameter, e.g. `selected(RUN)`.

    The URL decides. A page that is entered without it takes the session's last choice, and puts it
    into the URL; but a choice that was in this page's URL and is gone has been taken back.
    """
    in_url = st.session_state.setdefault(_IN_URL, set())
    if _lags(name):
        _put(name, latest(name))
    value = st.query_params.get(name)
    if not value and name in in_url:
        in_url.discard(name)
        st.session_state.pop(_remembered(name), None)
        return None
    if not value:
        value = st.session_state.get(_remembered(name))
    if value:
        _put(name, value)
    return value


def select(name: str, value: str | None) -> None:
    """Select a value (None: nothing) in the URL and for the session."""
    st.session_state.setdefault(_OWN, {})[name] = value
    before = in_url(name)
    _put(name, value)
    if before != value:
        replaced = st.session_state.setdefault(_REPLACED, {})
        replaced.pop((name, value), None)
        replaced[name, before] = time.monotonic()
    else:
        # The server took this from the browser, whose URL lags behind after fast keys: answers to
        # earlier keys may still be on their way, and would be the last that it hears.
        st.query_params.update()


def _lags(name: str) -> bool:
    """Return whether the browser asked for this run of the page before it heard of a selection.

    It sends its URL with each request. One that holds what a selection here has just replaced is of
    the time before, unless it comes from going back. (A link to it within LAG_SECONDS looks the
    same, and is not followed.)
    """
    replaced: dict[tuple[str, str | None], float] = st.session_state.get(_REPLACED, {})
    when = replaced.get((name, in_url(name)), -LAG_SECONDS)
    context = get_script_run_ctx()
    by_browser = context is not None and context.context_info is not None
    return by_browser and time.monotonic() < when + LAG_SECONDS and not went_back()


def is_own(name: str) -> bool:
    """Return whether what is selected was selected here, and did not come with a link."""
    own = st.session_state.get(_OWN, {}).get(name)
    return own is not None and own == latest(name)


def remember(name: str, value: str | None) -> None:
    """Select a value (None: nothing) for the session, for the next page that asks for it."""
    if value:
        st.session_state[_remembered(name)] = value
    else:
        st.session_state.pop(_remembered(name), None)


def _put(name: str, value: str | None) -> None:
    in_url = st.session_state.setdefault(_IN_URL, set())
    if value:
        st.session_state[_remembered(name)] = value
        in_url.add(name)
        if st.query_params.get(name) != value:
            st.query_params[name] = value
    else:
        st.session_state.pop(_remembered(name), None)
        in_url.discard(name)
        st.query_params.pop(name, None)


def latest(name: str) -> str | None:
    """Return what was last selected. For callbacks: after two fast clicks the URL lags behind."""
    value: str | None = st.session_state.get(_remembered(name))
    return value


def link_params(**values: str | None) -> dict[str, str]:
    """Return the query parameters of a link to another page; what is None is left out."""
    return {name: value for name, value in values.items() if value}


def _remembered(name: str) -> str:
    return f"selected.{name}"
