"""Sums of vectors as sparse products.

Gathering a vector for every rating and adding them up takes several times as long: the gradient of
a gather is the slowest operation there is in a step.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

# TensorFlow's kernel takes six times as long for a column if there are more of them.
FAST_COLUMNS = 31


def selection(
    columns: Sequence[tf.Tensor], factors: Sequence[float | tf.Tensor], n_columns: tf.Tensor
) -> tf.SparseTensor:
    """Return the sparse matrix `[n, n_columns]` that has in row r factors[k][r] at columns[k][r].

    Args:
        columns: one or more, `[n]` each.
        factors: as many, each a number or `[n]`.
        n_columns: the width of the matrix.
    """
    n = tf.size(columns[0], tf.int64)
    cells = [tf.stack([tf.range(n), tf.cast(column, tf.int64)], axis=1) for column in columns]
    values = [factor * tf.ones(tf.size(columns[0])) for factor in factors]
    shape = tf.stack([n, tf.cast(n_columns, tf.int64)])
    return tf.SparseTensor(tf.concat(cells, axis=0), tf.concat(values, axis=0), shape)


def products(matrix: tf.SparseTensor, vectors: tf.Tensor, *, transposed: bool = False) -> tf.Tensor:
    """Return the matrix `[n_rows, n]` times `vectors` [n, dimension]: `[n_rows, dimension]`.

    Args:
        matrix: `[n_rows, n]`, or with `transposed` `[n, n_rows]`.
        vectors: `[n, dimension]`.
        transposed: take the matrix by its columns.
    """
    parts = tf.split(vectors, _even(vectors.shape[1]), axis=1)
    matmul = tf.sparse.sparse_dense_matmul
    return tf.concat([matmul(matrix, part, adjoint_a=transposed) for part in parts], axis=1)


def dots(
    left: tf.SparseTensor,
    lefts: tf.Tensor,
    right: tf.SparseTensor,
    rights: tf.Tensor,
    members: int,
) -> tf.Tensor:
    """Return each row of `left @ lefts` times the same row of `right @ rights`.

    Args:
        left: `[n, n_lefts]`.
        lefts: the vectors of all members side by side, `[n_lefts, members * dimension]`.
        right: `[n, n_rights]`.
        rights: `[n_rights, members * dimension]`.
        members: how many there are.

    Returns:
        One product a member, `[n, members]`.
    """
    dimension = lefts.shape[1] // members
    one = _even(dimension)  # the columns of a member, in one part or in several
    at_once = max(1, FAST_COLUMNS // dimension)  # members in one part
    parts = one * members
    if len(one) == 1:
        counts = [min(at_once, members - first) for first in range(0, members, at_once)]
        parts = [count * dimension for count in counts]
    matmul = tf.sparse.sparse_dense_matmul
    sums = []
    for a, b in zip(tf.split(lefts, parts, axis=1), tf.split(rights, parts, axis=1), strict=True):
        shape = [-1, max(1, a.shape[1] // dimension), min(a.shape[1], dimension)]
        sums.append(
            _row_dots(tf.reshape(matmul(left, a), shape), tf.reshape(matmul(right, b), shape))
        )
    return tf.reduce_sum(tf.reshape(tf.concat(sums, axis=1), [-1, members, len(one)]), axis=2)


def _even(width: int) -> list[int]:
    """Return `width` as a sum of like numbers that are small enough."""
    parts = -(-width // FAST_COLUMNS)
    return [width // parts + (part < width % parts) for part in range(parts)]


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _row_dots(a: tf.Tensor, b: tf.Tensor) -> tuple[tf.Tensor, Callable[..., Any]]:
    """Return the products over the last axis. TensorFlow's gradient first copies to all columns."""

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return upstream[:, :, tf.newaxis] * b, upstream[:, :, tf.newaxis] * a

    return tf.reduce_sum(a * b, axis=2), gradient
