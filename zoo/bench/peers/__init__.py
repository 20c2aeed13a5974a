"""The other libraries of the benchmarks, each in its own idiom and as fast as it can be."""
