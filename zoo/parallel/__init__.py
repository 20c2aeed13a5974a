"""Where much work is done at once: one process, several, or a Dask cluster, all through joblib."""
