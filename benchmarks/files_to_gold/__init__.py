"""Five public files to a table of gold, from `lakehouse init` on: python -m benchmarks.files_to_gold."""
