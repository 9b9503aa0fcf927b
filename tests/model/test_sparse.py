import numpy as np
import pytest
import tensorflow as tf

from recsys.model import sparse

RNG = np.random.default_rng(0)


def vectors(n, width):
    return tf.constant(RNG.normal(size=(n, width)), tf.float32)


# One column, the most and one more than the most that the kernel is fast for, and several times.
@pytest.mark.parametrize("width", [1, 31, 32, 64, 100])
@pytest.mark.parametrize("transposed", [False, True])
def test_products_are_those_of_the_dense_matrix(width, transposed):
    dense = RNG.normal(size=(6, 9)) * (RNG.random((6, 9)) < 0.4)
    cells = np.argwhere(dense)
    values = dense[tuple(cells.T)]
    shape = tf.constant(dense.shape, tf.int64)
    matrix = sparse.Matrix(tf.constant(cells, tf.int32), tf.constant(values, tf.float32), shape)
    of = vectors(6 if transposed else 9, width)
    expected = (dense.T if transposed else dense) @ of.numpy()
    found = sparse.products(matrix, of, transposed=transposed)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("members", "dimension"), [(1, 1), (1, 31), (1, 32), (3, 40), (2, 15), (5, 15), (4, 8), (3, 31)]
)
def test_dots_are_those_of_the_pairs_member_by_member(members, dimension):
    rows, columns = tf.constant([2, 0, 2, 1, 2]), tf.constant([4, 4, 0, 1, 0])  # one pair twice
    lefts, rights = vectors(4, members * dimension), vectors(5, members * dimension)
    with tf.GradientTape() as tape:
        tape.watch([lefts, rights])
        found = sparse.dots(lefts, rights, rows, columns, members)
        loss = tf.reduce_sum(found**2)
    with tf.GradientTape() as plain_tape:
        plain_tape.watch([lefts, rights])
        shape = (5, members, dimension)
        pairs = tf.gather(lefts, rows), tf.gather(rights, columns)
        expected = tf.einsum("nmd,nmd->nm", *(tf.reshape(one, shape) for one in pairs))
        plain_loss = tf.reduce_sum(expected**2)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)
    gradients = tape.gradient(loss, [lefts, rights])
    for gradient, of_plain in zip(
        gradients, plain_tape.gradient(plain_loss, [lefts, rights]), strict=True
    ):
        np.testing.assert_allclose(gradient, tf.convert_to_tensor(of_plain), rtol=1e-2, atol=1e-2)
