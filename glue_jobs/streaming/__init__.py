"""Streams of topics into tables, micro-batch by micro-batch: read, parsed, validated, written exactly once,
watched.
"""
