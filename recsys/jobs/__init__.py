"""Training jobs.

queue.py   submit a job, follow it, stop it
board.py   the state of every job, as snapshots
cluster/   the Dask scheduler and workers that train them
"""
