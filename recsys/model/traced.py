"""Traced steps: the graphs of a training, kept in the process for later trainings of its shape.

Tracing a step takes as long as fifty steps. A graph has the shape of the model and the data in it,
but not what differs between the runs of a sweep: weights, learning rates, penalties and initial
values are variables, see `number`. So a training with the same shape on the same data takes the
graph of an earlier one, and first gives its variables the values of a new model.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import tensorflow as tf

from recsys.config import RunConfig
from recsys.data.splits import Split
from recsys.model.batches import SIGNATURE, TensorBatch
from recsys.model.multitask import MultiTaskModel

# The fields of a config that a graph reads from variables, or that it does not depend on. Those of
# the split are replaced by the data itself.
NUMBERS = (
    "retrieval_weight",
    "rating_weight",
    "learning_rate",
    "rating_learning_rate",
    "retrieval_l2",
    "rating_l2",
    "unrated_weight",
    "epochs",
    "seed",
)
SPLIT = ("data", "split", "holdout", "validation", "split_seed")
# On more ratings tracing is a small part of a training, and the graph's data take much memory.
MOST_RATINGS = 1_000_000
MOST_BYTES = 200e6  # of the variables of all kept graphs: less is then left for later trainings
MOST_KEPT = 9  # graphs: of three lines, and of two sweeps with both ends


@dataclass(frozen=True, eq=False)
class Traced:
    """A model with its traced functions.

    Attributes:
        model: the model.
        variables: all that the model and its optimizers have, in the order of their creation.
        step: the training step.
        user_vectors: see `MultiTaskModel`; both are traced when they are first called.
        movie_vectors: see `MultiTaskModel`.
    """

    model: MultiTaskModel
    variables: tuple[tf.Variable, ...]
    step: Callable[[TensorBatch], dict[str, tf.Tensor]]
    user_vectors: Callable[[TensorBatch], list[tf.Tensor]]
    movie_vectors: Callable[[], list[tf.Tensor]]


_kept: list[tuple[str, Traced]] = []  # the last one used comes last
_lock = threading.Lock()


@contextmanager
def traced(
    model: MultiTaskModel, variables: tuple[tf.Variable, ...], config: RunConfig, split: Split
) -> Iterator[Traced]:
    """Yield a model with the values of this one, and its traced functions.

    It is this model, or that of an earlier training of its shape. No other training uses it until
    the end of the block. After an error it is not kept.

    Args:
        model: as `architectures.build` returns it.
        variables: all that it and its optimizers have, in the order of their creation.
        config: what it was built from.
        split: what it was built from.
    """
    _choose_passes(model)
    shape = _shape(config, split)
    found = _take(shape)
    if found is None:
        found = _trace(model, variables)
    else:
        for old, new in zip(found.variables, variables, strict=True):
            old.assign(new)
        found.model.retrieval, found.model.rating = model.retrieval, model.rating
    yield found
    if shape is not None:
        _keep(shape, found)


def is_kept(config: RunConfig, split: Split) -> bool:
    """Return whether a training of this shape would find its graph, or whether none is kept."""
    shape = _shape(config, split)
    with _lock:
        return shape is None or any(kept == shape for kept, _ in _kept)


def untraced(model: MultiTaskModel) -> Traced:
    """Return a model with its functions as they are: for a training of a few steps."""
    return Traced(model, (), model.train_step, model.user_vectors, model.movie_vectors)


def forget() -> None:
    """Keep no graph: the next training is as that of a new process."""
    with _lock:
        _kept.clear()


def _choose_passes(model: MultiTaskModel) -> None:
    """Set which passes of Grappler TensorFlow makes over the graphs of a model.

    They take 0.2 s and make most steps no faster. A step with a branch in its graph, see
    `PooledRaters`, takes half as long again without them, and twice the memory.
    """
    raters = getattr(model.rating_head, "raters", None)
    branches = raters is not None and raters.every > 1
    # This one would drop the order between a read of a variable and the optimizer's step on it if
    # the read gets no gradient: `QueryReading` then sometimes read what the step had just written.
    options = {"disable_meta_optimizer": not branches, "dependency_optimization": False}
    tf.config.optimizer.set_experimental_options(options)


def _trace(model: MultiTaskModel, variables: tuple[tf.Variable, ...]) -> Traced:
    # No function here branches on the value of a tensor, which is what AutoGraph is for. It would
    # translate the source of every layer first, and that takes longer than the tracing itself.
    function = partial(tf.function, autograph=False)
    return Traced(
        model,
        variables,
        step=function(model.train_step, input_signature=[SIGNATURE]),
        user_vectors=function(model.user_vectors, input_signature=[SIGNATURE]),
        movie_vectors=function(model.movie_vectors, input_signature=[]),
    )


def _take(shape: str | None) -> Traced | None:
    with _lock:
        for place in reversed(range(len(_kept))):
            if _kept[place][0] == shape:
                return _kept.pop(place)[1]
    return None


def _keep(shape: str, one: Traced) -> None:
    with _lock:
        _kept.append((shape, one))
        while len(_kept) > MOST_KEPT or sum(_bytes(kept) for _, kept in _kept) > MOST_BYTES:
            del _kept[0]


def _bytes(one: Traced) -> int:
    return sum(
        int(variable.shape.num_elements()) * variable.dtype.size for variable in one.variables
    )


def _shape(config: RunConfig, split: Split) -> str | None:
    """Return what a graph depends on: two trainings with the same text can share one.

    None on larger data: its graphs are not kept.
    """
    if len(split.train) > MOST_RATINGS:
        return None
    fields = {
        name: value
        for name, value in config.model_dump().items()
        if name not in NUMBERS and name not in SPLIT
    }
    fields["tasks"] = [config.learns("retrieval"), config.learns("rating")]
    fields["sizes"] = [split.n_users, split.n_movies, *split.rating_scale]
    content = hashlib.blake2b(digest_size=16)
    train = split.train
    features = (split.user_features, split.movie_features)
    for array in (train.users, train.movies, train.ratings, *features):
        content.update(b"none" if array is None else repr(array.shape).encode())
        content.update(b"" if array is None else array.tobytes())
    return f"{json.dumps(fields, sort_keys=True)} {content.hexdigest()}"
