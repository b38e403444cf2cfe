"""Benchmarks: each prints its figures as ratios to a bound measured in the same run."""
