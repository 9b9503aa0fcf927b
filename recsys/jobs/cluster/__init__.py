"""Training with Dask's scheduler and workers. Dask is imported only in this folder.

dispatcher.py   the thread that sends jobs to the cluster, stops them and collects their runs
ending.py       what becomes of a job, decided from how its attempt on the cluster ended
ahead.py        what idle workers prepare for likely trainings
calling.py      calls on their way to a worker and back
connection.py   the connection to a cluster: the embedded one, or one at an address
address.py      which addresses of a scheduler are safe to use
embedded.py     the embedded cluster: a scheduler and workers as child processes
authority.py    certificates for a cluster of several machines, signed by an authority of their own
certificate.py  its certificate, which only these processes have
process.py      what these child processes run
entry.py        the function and the plugin that Dask sends to workers
version.py      which Duet a process runs
task.py         one job or one call in a worker: report progress, react to a stop, return the result
"""
