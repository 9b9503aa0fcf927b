"""The command line, beside `recsys.__main__`.

request.py    the options that describe a run: its settings and its data
report.py     runs, sweeps and recommendations as JSON values and text tables
progress.py   the progress bar on stderr
"""
