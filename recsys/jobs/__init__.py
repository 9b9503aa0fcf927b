"""Training jobs, and shorter computations for a page.

queue.py   submit a job or a call, follow it, stop it
board.py   the state of every job, as snapshots
calls.py   the state of every call: what a page has computed in a worker
journal.py   accepted jobs on disk, so that none is lost with its server
cluster/   the Dask scheduler and workers that train them
"""
