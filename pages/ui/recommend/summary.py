"""What the lists hold, in a sentence each: movies of the holdout, and what has moved."""

from collections.abc import Sequence

from pages.ui import cache
from pages.ui.names import as_typed
from pages.ui.recommend.results import ListOptions, MovieList, UserResults
from pages.ui.recommend.rows import NEW
from pages.ui.recommend.scene import Model

MOST_LEFT = 6  # titles named


def hits_of_several(results: UserResults, lists: Sequence[MovieList], options: ListOptions) -> str:
    """Sum up which holdout movies the lists hold."""
    if not results.findable:
        return "This user has no such movie in the holdout."
    found_by = [{row["movie"] for row in shown.movies if row["hit"]} for shown in lists]
    every, some = set.intersection(*found_by), set.union(*found_by)
    counts = [len(own) for own in found_by]
    if len(lists) == 2:
        each = f"{counts[0]} on the left, {counts[1]} on the right, {len(every)} by both"
    else:
        each = f"from left to right {', '.join(map(str, counts))}; {len(every)} by all {len(lists)}"
    return f"**{len(some)} of {results.findable}** holdout movies found: {each}."


def moves(models: Sequence[Model], lists: Sequence[MovieList], options: ListOptions) -> str:
    """Say what the marks `new`, ↑ and ↓ are compared with, and which movies left the list."""
    if not any(shown.left or any(row["change"] for row in shown.movies) for shown in lists):
        return ""
    plain = [
        *["equal weights"] * (models[0].position != cache.MIDDLE),
        *["retrieval alone"] * bool(options.weight),
        *["no diversity"] * bool(options.diversity),
    ]
    start = f"Marks compare with **{', '.join(plain)}**"
    if len(lists) > 1:
        return f"{start}, list by list."
    shown = lists[0]
    new = sum(row["change"] == NEW for row in shown.movies)
    more = len(shown.left) - MOST_LEFT
    named = " · ".join(as_typed(title) for title in shown.left[:MOST_LEFT])
    left = f" Left the list: {named}{f' and {more} more' if more > 0 else ''}." if named else ""
    return f"{start}: {new or 'no'} new.{left}"


def hits(
    results: UserResults, shown: MovieList, options: ListOptions, popular: MovieList | None = None
) -> str:
    """Say how many movies of the holdout the list holds, and that of the most popular movies."""
    filtered = options.genres or options.years or options.hidden
    of_genres = " that pass the filters" if filtered else ""
    if not results.findable:
        return f"This user has no movie{of_genres} in the holdout."
    text = (
        f"**{shown.hits} of {results.findable}** holdout movies{of_genres} are among these "
        f"{len(shown.movies)}"
    )
    if popular is None:
        return f"{text}."
    return f"{text} (of the most popular movies: {popular.hits})."
