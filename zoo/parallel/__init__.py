"""Parallel execution of tasks: in this process, in several, or on a Dask cluster."""
