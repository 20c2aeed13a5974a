"""Benchmarks of zoo and of other libraries on the same work, timed in the same rounds."""
