"""Where jobs are trained: Dask's scheduler and workers. Dask is imported only in this folder."""
