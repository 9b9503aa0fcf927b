"""The memory that a training needs, estimated from its settings and the sizes of its data.

Nothing is built for it, and TensorFlow is not imported. The factors are fitted to measured peaks;
`benchmarks/memory_needs.py` measures again how far the estimate is off.
"""

import math
from typing import Any, NamedTuple, Self

from recsys.config import TIED, RunConfig
from recsys.data.tables import Dataset
from recsys.memory import TooLargeError, in_gb
from recsys.model.directions import most_dimension
from recsys.model.steps import batch_size, is_traced

FLOAT = 4  # bytes
PROCESS_BYTES = 0.7e9  # of a process that has imported TensorFlow, before it trains
FIRST_STEP_BYTES = 80e6  # TensorFlow's own, as soon as something is computed
RATING_BYTES = 37  # of the tables, the split, the sparse histories and the ranks, per rating
ENTITY_BYTES = 300  # of the ids and attributes, per user or movie
# At most so many validation scores are held at once, and so many users are evaluated after an
# epoch (`recsys.model.losses`, `recsys.model.training`).
MOST_SCORES, VALIDATION_USERS = 16_000_000, 5_000
SCORE_BYTES = 12.0  # per score: a float32, and its square as a float64
# How many arrays of that size exist at once: the parameters, Adam's two averages, the gradient,
# and the intermediate results of a step.
TOWER_COPIES = 8.5
LINE_TOWERS = 1.4  # with `all_ratios`: the parameters at both ends are trained
HEAD_COPIES = 5.0
HEAD_ROW_COPIES = 7.0  # of the head's own vectors of the ratings of a batch
QUERY_ROW_COPIES = 2.0  # of the queries that it reads for them
SCORER_COPIES = 2.0  # the arrays, their file, and the arrays read back from it
MATRIX_COPIES = 2.2  # of the scores of a batch's users and movies, with `tutorial`
ROW_COPIES = 2.0  # of what its rating head computes for a batch
EAGER = 1.8  # without a graph, TensorFlow frees intermediate results only after the step
MLP_WIDTH = 256 + 128 + 1  # of the tutorial's rating head
# The settings that a request may lower, in the order in which it is told to.
LOWERED = ("rating_members", "rating_dimension", "embedding_dimension", "batch_size")
WORTH_LOWERING = 0.8  # of the need, if halving a setting leaves no more than this


class Sizes(NamedTuple):
    """How large a data set is: its number of users, of movies, and of ratings."""

    users: int
    movies: int
    ratings: int

    @classmethod
    def of(cls, dataset: Dataset) -> Self:
        """Return the sizes of a data set."""
        return cls(len(dataset.users), len(dataset.movies), len(dataset.ratings))


def needed_bytes(config: RunConfig, sizes: Sizes) -> float:
    """Return about how much memory a training takes at its peak, beyond PROCESS_BYTES.

    Loading the data, the evaluation and saving are included.
    """
    data = RATING_BYTES * sizes.ratings + ENTITY_BYTES * (sizes.users + sizes.movies)
    scores = 0.0
    if config.validation:
        scores = min(MOST_SCORES, min(sizes.users, VALIDATION_USERS) * sizes.movies) * SCORE_BYTES
    model = _duet_bytes if config.architecture == "duet" else _tutorial_bytes
    return (
        FIRST_STEP_BYTES
        + data
        + scores
        + model(config, sizes)
        + SCORER_COPIES * scorer_bytes(config, sizes)
    )


def scorer_bytes(config: RunConfig, sizes: Sizes) -> float:
    """Return about how large the file of the trained model is."""
    width = most_dimension(config, sizes.movies)
    own = _head_width(config) + (width if _reads_query(config) else 0)
    per_movie = width + own if config.architecture == "tutorial" else 3 * (width + own)
    models = 3 if config.all_ratios else 1
    return models * FLOAT * (sizes.users * (width + own) + sizes.movies * per_movie)


def refuse_too_large(config: RunConfig, sizes: Sizes, available: float) -> None:
    """Check that a training fits into the available memory, in bytes.

    Raises:
        TooLargeError: it does not; the message says what to lower.
    """
    needed = PROCESS_BYTES + needed_bytes(config, sizes)
    if needed <= available:
        return
    worth = [field for field in LOWERED if _halved(config, sizes, field) < WORTH_LOWERING * needed]
    advice = f"lower {' or '.join(worth)}" if worth else "use fewer ratings"
    if _tables_of_users(config, sizes) > needed / 5:
        advice += ", or use sharing=tied, which needs no vectors per user"
    raise TooLargeError(
        f"this training needs about {in_gb(needed)} of memory for {sizes.users:,} users, "
        f"{sizes.movies:,} movies and {sizes.ratings:,} ratings, and {in_gb(available)} are there: "
        f"{advice}"
    )


def _duet_bytes(config: RunConfig, sizes: Sizes) -> float:
    """Return what the model, its optimizers and a step take."""
    width, own = most_dimension(config, sizes.movies), _head_width(config)
    users, movies, n_train = sizes.users, sizes.movies, _n_train(config, sizes)
    batch = min(n_train, batch_size(config, n_train))
    queries = min(users, batch * users / n_train)
    towers = 3 * movies * width * (LINE_TOWERS if config.all_ratios else 1)
    tied = config.sharing in TIED
    head = 0 if tied else (2 * users + (3 if config.sharing == "all" else 5) * movies) * own
    head += movies * width if _reads_query(config) else 0
    rows = (batch + queries) * (HEAD_ROW_COPIES * own + QUERY_ROW_COPIES * width)
    eager = 1.0 if is_traced(config, n_train) else EAGER
    return FLOAT * (TOWER_COPIES * towers + HEAD_COPIES * head + eager * rows)


def _tutorial_bytes(config: RunConfig, sizes: Sizes) -> float:
    """Return the same for `tutorial`, which scores all movies of a batch for all its users."""
    width, n_train = config.embedding_dimension, _n_train(config, sizes)
    batch = min(n_train, batch_size(config, n_train))
    towers = (sizes.users + sizes.movies) * width
    rows = batch * (4 * width + MLP_WIDTH)
    eager = 1.0 if is_traced(config, n_train) else EAGER
    scores = _drawn(sizes.users, batch) * _drawn(sizes.movies, batch)
    step = MATRIX_COPIES * scores + ROW_COPIES * rows
    return FLOAT * (TOWER_COPIES / 3 * towers + eager * step)


def _drawn(n: int, draws: int) -> float:
    """Return how many of `n` are drawn at least once, in the mean, if all are equally likely."""
    return n * -math.expm1(-draws / max(1, n))


def _head_width(config: RunConfig) -> int:
    """Return the width of the rating head's vectors, of all members together."""
    fields: Any = config
    if config.architecture == "tutorial" or config.sharing in TIED:
        return config.embedding_dimension
    return int(fields.rating_members * fields.rating_dimension)


def _reads_query(config: RunConfig) -> bool:
    """Return whether the rating head reads the retrieval query beside its own vectors."""
    return config.sharing in ("all", "part")


def _n_train(config: RunConfig, sizes: Sizes) -> int:
    return max(1, int(sizes.ratings * (1 - config.holdout - config.validation)))


def _tables_of_users(config: RunConfig, sizes: Sizes) -> float:
    """Return what the rating head's vectors of the users take."""
    if config.architecture == "tutorial" or config.sharing in TIED:
        return 0.0
    return FLOAT * HEAD_COPIES * 2 * sizes.users * _head_width(config)


def _halved(config: RunConfig, sizes: Sizes, field: str) -> float:
    """Return what would be needed with half of a setting, where the config has it."""
    value = getattr(config, field)
    if value is None or value < 2:
        return float("inf")
    less = config.model_copy(update={field: value // 2})
    return PROCESS_BYTES + needed_bytes(less, sizes)
