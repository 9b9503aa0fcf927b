"""Sweeps over the ratio of the loss weights, and the search over all settings.

sweep.py      the configs of a sweep, and of the trainings of all ratios at once
result.py     the ratios of a sweep with their seeds, the lines, and their fronts
front.py      what each task gains and loses along a front
sentence.py   the result in words
pareto.py     the Pareto front of points
search.py     the next trial of a search, by Optuna
space.py      the fields that a search varies, and their ranges
searches.py   searches in progress, each in a thread
"""
