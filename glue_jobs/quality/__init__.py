"""Runs quality suites: compiles a suite into one pass over a table, and decides what its results lead to."""
