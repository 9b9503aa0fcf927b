"""Evaluation: from a Scorer and a split to metrics, and whether a difference is more than chance.

metrics.py           each metric on arrays, its label and which direction is better
beyond_accuracy.py   coverage, Gini, novelty, diversity and calibration
liked.py             metrics that ask whether the movies found were liked
ranking.py           ranks of held-out movies in the whole catalogue, and top-K lists
evaluate.py          Scorer + split -> metrics, for all users or one by one
bootstrap.py         paired bootstrap over users, and tables of several splits or seeds pooled
comparison.py        better, worse or not distinguishable
blend_curve.py       the ranking metrics at every serving blend
varied.py            the metrics of all users with lists that avoid similar movies
groups.py            metrics by activity of the user and popularity of the movie
"""
