"""Duet: a two-tower model trained on retrieval and rating prediction together.

config.py       RunConfig: every setting of a run, its bounds, and the run's id
experiment.py   one run from request to result: load, split, train, evaluate, store
scorer.py       the trained model as NumPy arrays: scores and predicted ratings
line.py         the models of all ratios of the weights as NumPy arrays
ratio.py        the ratio of the two loss weights, on a logarithmic scale
baselines.py    the trivial models: most popular, user + movie bias
blend.py        rank by retrieval score and predicted stars together
diversity.py    lists of movies that are not too similar
recommend.py    retrieve, then rate: the movies recommended to one user
counted.py      counts in words: 1 rating, 2 ratings
spreadsheet.py  tables as CSV in which no cell is a formula
home.py         the folder of the lab's data and runs
password.py     the hash of a shared server's password
memory.py       what memory there is, and a hard limit while something runs
threads.py      work on arrays in several threads
regular.py      files read without following links or waiting for pipes
atomic.py       files and folders written as a whole or not at all
errors.py       the base of all errors that the user can fix
__main__.py     the command line
cli/            its options, its output, its progress bar
data/           data sets as tables, and how they are split
model/          the TensorFlow model and its training
evaluation/     metrics, ranking, confidence intervals
explanations/   why a movie is recommended, and what the list would be without a rating
movie_map/      vectors in two dimensions: PCA, UMAP, and one model in the frame of another
new_user/       which movies a new user is asked about, and their ratings
runs/           the run store, and what makes runs comparable
jobs/           the job queue, and the Dask workers that train
tradeoff/       sweeps over the ratio of the loss weights, and the search
export/         a run as files for others: lists, Python code, a report
"""

import os

# TensorFlow Recommenders needs the Keras 2 API. This must be set before TensorFlow is imported.
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# TensorFlow computes independent operations of a step at the same time. Cutting each of them up for
# several threads as well costs more than it gains: a step takes 1.4 times as long on two cores.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
