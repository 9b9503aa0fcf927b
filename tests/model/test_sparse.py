import numpy as np
import pytest
import tensorflow as tf

from recsys.model import sparse

RNG = np.random.default_rng(0)


def vectors(n, width):
    return tf.constant(RNG.normal(size=(n, width)), tf.float32)


def test_selection_has_each_factor_at_its_column():
    factors = tf.constant([0.5, 2.0])
    matrix = sparse.selection([tf.constant([2, 0]), tf.constant([1, 3])], [1.0, -factors], 4)
    expected = [[0, -0.5, 1, 0], [1, 0, 0, -2]]
    np.testing.assert_array_equal(tf.sparse.to_dense(tf.sparse.reorder(matrix)), expected)


def test_selection_adds_up_what_falls_on_the_same_column():
    matrix = sparse.selection([tf.constant([1]), tf.constant([1])], [1.0, 0.25], 2)
    np.testing.assert_allclose(sparse.products(matrix, tf.constant([[7.0], [8.0]])), [[10]])


# One column, the most and one more than the most that the kernel is fast for, and several times.
@pytest.mark.parametrize("width", [1, 31, 32, 64, 100])
@pytest.mark.parametrize("transposed", [False, True])
def test_products_are_those_of_the_dense_matrix(width, transposed):
    dense = RNG.normal(size=(6, 9)) * (RNG.random((6, 9)) < 0.4)
    matrix = tf.sparse.from_dense(tf.constant(dense, tf.float32))
    of = vectors(6 if transposed else 9, width)
    expected = (dense.T if transposed else dense) @ of.numpy()
    found = sparse.products(matrix, of, transposed=transposed)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("members", "dimension"), [(1, 1), (1, 31), (1, 32), (3, 40), (2, 15), (5, 15), (4, 8), (3, 31)]
)
def test_dots_are_those_of_the_rows_member_by_member(members, dimension):
    left, right = (RNG.normal(size=(7, n)).astype(np.float32) for n in (4, 5))
    lefts, rights = vectors(4, members * dimension), vectors(5, members * dimension)
    matrices = tf.sparse.from_dense(left), tf.sparse.from_dense(right)
    with tf.GradientTape() as tape:
        tape.watch([lefts, rights])
        found = sparse.dots(matrices[0], lefts, matrices[1], rights, members)
        loss = tf.reduce_sum(found**2)
    with tf.GradientTape() as dense_tape:
        dense_tape.watch([lefts, rights])
        shape = (7, members, dimension)
        rows = tf.reshape(left @ lefts, shape), tf.reshape(right @ rights, shape)
        expected = tf.einsum("nmd,nmd->nm", *rows)
        dense_loss = tf.reduce_sum(expected**2)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)
    gradients = tape.gradient(loss, [lefts, rights])
    for gradient, of_dense in zip(
        gradients, dense_tape.gradient(dense_loss, [lefts, rights]), strict=True
    ):
        np.testing.assert_allclose(gradient, of_dense, rtol=1e-2, atol=1e-2)
