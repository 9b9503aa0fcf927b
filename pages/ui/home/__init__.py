"""The Home page: the data set at a glance.

charts.py   the size of the data set, the histogram of ratings, the popularity of the movies
"""
