"""Benchmarks: each prints its figures beside the budget of the architecture. Run by module name."""
