"""Compiles a suite into one pass over a table, and decides what its findings mean for the pipeline."""
