"""Sums and dot products of embeddings as sparse matrix products.

Gathering a vector per rating and adding them up takes several times as long: TensorFlow's gradient
of a gather is the slowest operation in a training step. So `dots` has a gradient of its own.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf
from tensorflow.python.framework.ops import gradient_registry

# With more columns, TensorFlow's kernel takes six times as long per column.
FAST_COLUMNS = 31


class Matrix(NamedTuple):
    """A sparse matrix. In a `tf.SparseTensor` the cells would take twice the memory."""

    cells: tf.Tensor  # int32 `[n_cells, 2]`: row and column, in this order
    values: tf.Tensor  # float32 `[n_cells]`
    shape: tf.Tensor  # int64 `[2]`


def products(matrix: Matrix, vectors: tf.Tensor, *, transposed: bool = False) -> tf.Tensor:
    """Return the product of the matrix and `vectors`, `[n_rows, dimension]`.

    Args:
        matrix: `[n_rows, n]`; if `transposed`, `[n, n_rows]`.
        vectors: `[n, dimension]`.
        transposed: whether to transpose the matrix first.
    """
    cells, values, shape = matrix
    parts = tf.split(vectors, _even_widths(vectors.shape[1]), axis=1)
    found = [
        tf.raw_ops.SparseTensorDenseMatMul(
            a_indices=cells, a_values=values, a_shape=shape, b=part, adjoint_a=transposed
        )
        for part in parts
    ]
    return tf.concat(found, axis=1)


def dots(
    lefts: tf.Tensor, rights: tf.Tensor, rows: tf.Tensor, columns: tf.Tensor, members: int = 1
) -> tf.Tensor:
    """Return the dot product of lefts[rows[k]] and rights[columns[k]] for each k and member.

    Args:
        lefts: the members' vectors side by side, `[n_left, members * dimension]`.
        rights: the same on the right, `[n_right, members * dimension]`.
        rows: int32 `[n]`.
        columns: int32 `[n]`.
        members: number of members.

    Returns:
        `[n, members]`.
    """
    found: tf.Tensor = _dots_of(members)(lefts, rights, rows, columns)
    if not tf.executing_eagerly():
        _forget_gradient(found)
    return found


def _forget_gradient(output: tf.Tensor) -> None:
    """Remove a gradient that was defined in a graph from TensorFlow's list of all gradients.

    Nothing else would: the list would hold the graph, and the data in it, as long as the process
    lives. Only `tf.gradients` reads it; a `tf.GradientTape` has the gradient itself.
    """
    name = output.op.get_attr("_gradient_op_type").decode()
    gradient_registry._registry.pop(name)


def _dots_of(members: int) -> Callable[..., tf.Tensor]:
    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def dots_of(
        lefts: tf.Tensor, rights: tf.Tensor, rows: tf.Tensor, columns: tf.Tensor
    ) -> tuple[tf.Tensor, Callable[..., Any]]:
        # Member by member: the vectors of all members would take as many times the memory.
        found = [
            tf.reduce_sum(tf.gather(left, rows) * tf.gather(right, columns), axis=1)
            for left, right in zip(
                tf.split(lefts, members, axis=1), tf.split(rights, members, axis=1), strict=True
            )
        ]

        def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, None, None]:
            """Multiply by the sparse matrix of the upstream gradients, and by its transpose."""
            cells = tf.stack([rows, columns], axis=1)
            shape = tf.cast(tf.stack([tf.shape(lefts)[0], tf.shape(rights)[0]]), tf.int64)
            of_left, of_right = [], []
            for values, left, right in zip(
                tf.unstack(upstream, members, axis=1),
                tf.split(lefts, members, axis=1),
                tf.split(rights, members, axis=1),
                strict=True,
            ):
                matrix = Matrix(cells, values, shape)
                of_left.append(products(matrix, right))
                of_right.append(products(matrix, left, transposed=True))
            return tf.concat(of_left, axis=1), tf.concat(of_right, axis=1), None, None

        return tf.stack(found, axis=1), gradient

    return dots_of  # type: ignore[no-any-return]


def _even_widths(width: int) -> list[int]:
    """Return the widths of nearly equal parts, none wider than `FAST_COLUMNS`."""
    parts = -(-width // FAST_COLUMNS)
    return [width // parts + (part < width % parts) for part in range(parts)]
