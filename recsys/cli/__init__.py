"""The command line, beside `recsys.__main__`.

request.py    the options that say which run is asked for, and on which data
report.py     runs, sweeps and recommendations as JSON values and text tables
progress.py   the progress bar on stderr
"""
