"""The Home page.

overview.py   the table of presets and baselines
charts.py     the data set: its size, its ratings, the popularity of its movies
"""
