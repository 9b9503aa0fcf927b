"""Sums of embeddings as sparse matrix products.

Gathering a vector per rating and adding them up takes several times as long: the gradient of a
gather is the slowest operation in a training step.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

# With more columns, TensorFlow's kernel takes six times as long per column.
FAST_COLUMNS = 31


def selection(
    columns: Sequence[tf.Tensor], factors: Sequence[float | tf.Tensor], n_columns: tf.Tensor
) -> tf.SparseTensor:
    """Return the sparse matrix `[n, n_columns]` whose row r holds factors[k][r] at columns[k][r].

    Entries at the same place are added up in products.

    Args:
        columns: for each k, the columns of its entries, `[n]`.
        factors: for each k, the values of its entries: a number or `[n]`.
        n_columns: the width of the matrix.
    """
    n = tf.size(columns[0], tf.int64)
    cells = [tf.stack([tf.range(n), tf.cast(column, tf.int64)], axis=1) for column in columns]
    values = [factor * tf.ones(tf.size(columns[0])) for factor in factors]
    shape = tf.stack([n, tf.cast(n_columns, tf.int64)])
    return tf.SparseTensor(tf.concat(cells, axis=0), tf.concat(values, axis=0), shape)


def products(matrix: tf.SparseTensor, vectors: tf.Tensor, *, transposed: bool = False) -> tf.Tensor:
    """Return the product of the matrix and `vectors`, `[n_rows, dimension]`.

    Args:
        matrix: `[n_rows, n]`; if `transposed`, `[n, n_rows]`.
        vectors: `[n, dimension]`.
        transposed: whether to transpose the matrix first.
    """
    parts = tf.split(vectors, _even_widths(vectors.shape[1]), axis=1)
    matmul = tf.sparse.sparse_dense_matmul
    return tf.concat([matmul(matrix, part, adjoint_a=transposed) for part in parts], axis=1)


def dots(
    left: tf.SparseTensor,
    left_vectors: tf.Tensor,
    right: tf.SparseTensor,
    right_vectors: tf.Tensor,
    members: int,
) -> tf.Tensor:
    """Return the dot products of the rows of `left @ left_vectors` and `right @ right_vectors`.

    Args:
        left: `[n, n_left]`.
        left_vectors: the members' vectors side by side, `[n_left, members * dimension]`.
        right: `[n, n_right]`.
        right_vectors: the same on the right, `[n_right, members * dimension]`.
        members: number of members.

    Returns:
        One dot product per row and member, `[n, members]`.
    """
    dimension = left_vectors.shape[1] // members
    member_widths = _even_widths(dimension)  # a wide member is cut into several parts
    widths = member_widths * members
    if len(member_widths) == 1:  # narrow members share a part
        per_part = max(1, FAST_COLUMNS // dimension)
        counts = [min(per_part, members - first) for first in range(0, members, per_part)]
        widths = [count * dimension for count in counts]
    matmul = tf.sparse.sparse_dense_matmul
    sums = []
    lefts, rights = (tf.split(v, widths, axis=1) for v in (left_vectors, right_vectors))
    for a, b in zip(lefts, rights, strict=True):
        shape = [-1, max(1, a.shape[1] // dimension), min(a.shape[1], dimension)]
        sums.append(
            _row_dots(tf.reshape(matmul(left, a), shape), tf.reshape(matmul(right, b), shape))
        )
    by_member = tf.reshape(tf.concat(sums, axis=1), [-1, members, len(member_widths)])
    return tf.reduce_sum(by_member, axis=2)


def _even_widths(width: int) -> list[int]:
    """Return the widths of nearly equal parts, none wider than `FAST_COLUMNS`."""
    parts = -(-width // FAST_COLUMNS)
    return [width // parts + (part < width % parts) for part in range(parts)]


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _row_dots(a: tf.Tensor, b: tf.Tensor) -> tuple[tf.Tensor, Callable[..., Any]]:
    """Return the dot products over the last axis.

    The gradient is written out because TensorFlow's own first copies `upstream` to all columns.
    """

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return upstream[:, :, tf.newaxis] * b, upstream[:, :, tf.newaxis] * a

    return tf.reduce_sum(a * b, axis=2), gradient
