"""Contracts in their short form: a YAML file a table, a line a column, the suite in the same file."""
