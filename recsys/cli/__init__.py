"""The command line, beside `recsys.__main__`.

request.py    the options that describe a run: its settings and its data
stored.py     the options that name a stored run, and how its movies are ranked
evaluation.py   what `evaluate` prints
export.py     what `export` writes
report.py     runs, sweeps and recommendations as JSON values and text tables
cluster.py    certificates, scheduler and workers of a cluster of several machines
password.py   the hash of a typed password
progress.py   the progress bar on stderr
"""
