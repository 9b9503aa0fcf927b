"""Training with Dask's scheduler and workers. Dask is imported only in this folder."""
