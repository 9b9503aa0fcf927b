"""Sweeps over the ratio of the loss weights, and the search over all settings.

sweep.py      the configs of a sweep
result.py     each ratio with its seeds, and the tasks that are measurably worse at it
sentence.py   the result in words
pareto.py     the Pareto front of points
search.py     the next trial of a search, by Optuna
space.py      the fields that a search varies, and their ranges
searches.py   searches in progress, each in a thread
"""
