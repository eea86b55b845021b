"""Asks Spark and Java what they would say of a project's queries, functions and regular expressions."""
