"""Streams topics into tables: reads, parses, validates and writes each micro-batch exactly once."""
