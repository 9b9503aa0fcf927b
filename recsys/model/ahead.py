"""Graphs that are traced before anyone asks for the training that needs them."""

from collections.abc import Callable, Iterator

from recsys.config import RunConfig, make_config
from recsys.data.splits import Split
from recsys.model.architectures import build
from recsys.model.batches import tensors, user_batch
from recsys.model.steps import is_traced
from recsys.model.traced import is_kept, traced
from recsys.threads import one_blas_thread

ONE_TASK = ((1.0, 0.0), (0.0, 1.0))  # the ends of a sweep; each has a graph of its own


def trace_ahead(config: RunConfig, split: Split, should_stop: Callable[[], bool]) -> None:
    """Trace what a sweep of this config needs, unless it has been traced.

    Args:
        config: both tasks, or one, or all ratios at once.
        split: what it will be trained on.
        should_stop: called before each graph; True ends it.
    """
    for one in _of_sweep(config):
        if should_stop():
            return
        if is_traced(one, len(split.train)) and not is_kept(one, split):
            _trace(one, split)


def _of_sweep(config: RunConfig) -> Iterator[RunConfig]:
    yield config
    if config.all_ratios:
        return
    for retrieval, rating in ONE_TASK:
        weights = {"retrieval_weight": retrieval, "rating_weight": rating}
        yield make_config(config.model_dump() | weights)


def _trace(config: RunConfig, split: Split) -> None:
    with one_blas_thread():
        trainable = build(config, split)
    # One user is enough: a graph takes batches of any size. The model learns from it, but the next
    # training gives it new values.
    batch = tensors(user_batch(split, split.train.users[:1]))
    with traced(trainable.model, trainable.variables, config, split) as graph:
        graph.step(batch)
        graph.user_vectors(batch)
        graph.movie_vectors()
