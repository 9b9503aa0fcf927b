"""Bayesian factorization machines from the package `myfm`, by Gibbs sampling."""

import contextlib
import io
import sys
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.peers.pairs import PairScorer
from recsys.data.splits import Split


def fit_ids(split: Split, *, seed: int, rank: int, n_iter: int) -> PairScorer:
    """Return a factorization machine on user and movie ids: a Bayesian "SVD".

    Source: Rendle, Factorization Machines with libFM (2012).
    """
    from scipy.sparse import identity

    tables = identity(split.n_users, format="csr"), identity(split.n_movies, format="csr")
    return _fit(split, tables, [split.n_users, split.n_movies], seed, rank, n_iter)


def fit_implicit_blocks(split: Split, *, seed: int, rank: int, n_iter: int) -> PairScorer:
    """Return a factorization machine on ids, the movies a user rated, and the users of a movie.

    That is "Bayesian SVD++ flipped" of Rendle, Zhang, Koren, On the Difficulty of Evaluating
    Baselines (2019), with features as in myFM's documentation: the entries of a set are
    1 / sqrt(its size). Only train ratings are used.
    """
    from scipy.sparse import csr_matrix, hstack, identity

    n_users, n_movies = split.n_users, split.n_movies
    indptr, movies = split.csr("train")
    rated = csr_matrix((np.ones(len(movies)), movies, indptr), shape=(n_users, n_movies))
    users = hstack([identity(n_users), _unit_rows(rated)], format="csr")
    movies = hstack([identity(n_movies), _unit_rows(rated.T)], format="csr")
    # Ids and sets of ids have separate priors, as in myFM's examples.
    return _fit(split, (users, movies), [n_users, n_movies, n_movies, n_users], seed, rank, n_iter)


def _fit(
    split: Split,
    tables: tuple[Any, Any],
    group_shapes: list[int],
    seed: int,
    rank: int,
    n_iter: int,
) -> PairScorer:
    """Fit on the features of users and movies, sparse [n_users, e] and [n_movies, f].

    `group_shapes` are the sizes of the groups of features that share a prior; they sum to e + f.
    """
    myfm = _import_myfm()

    def blocks(*codes: np.ndarray) -> list[Any]:
        # A block holds the features of each user (movie) once, and the code of each rating's.
        return [
            myfm.RelationBlock(own.tolist(), table)
            for own, table in zip(codes, tables, strict=True)
        ]

    model = myfm.MyFMRegressor(rank=rank, random_seed=seed)
    train = split.train
    with contextlib.redirect_stderr(io.StringIO()):  # hides a progress bar
        model.fit(
            None,
            train.ratings.astype(np.float64),
            X_rel=blocks(train.users, train.movies),
            n_iter=n_iter,
            n_kept_samples=n_iter,
            group_shapes=group_shapes,
        )
    return PairScorer(
        lambda users, movies: model.predict(None, blocks(users, movies)), split.n_movies
    )


def _unit_rows(rated: Any) -> Any:
    """Return the sparse 0/1 rows, each divided by the root of its sum; empty rows stay empty."""
    sizes = np.asarray(rated.sum(axis=1)).ravel()
    return rated.multiply(1 / np.sqrt(np.maximum(sizes, 1))[:, None])


def _import_myfm() -> Any:
    # myfm 0.4.0, the last release for Python 3.11, imports two names from pkg_resources, but does
    # not use them. setuptools has removed that module.
    unused = ModuleType("pkg_resources")
    vars(unused).update(DistributionNotFound=None, get_distribution=None)
    sys.modules.setdefault("pkg_resources", unused)
    import myfm

    return myfm
