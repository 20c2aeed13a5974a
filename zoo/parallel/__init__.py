"""Parallel execution of tasks: one process, several, or a Dask cluster, all through joblib."""
