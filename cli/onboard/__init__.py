"""`lakehouse onboard`: contract, suite and ingest of a source that nobody described yet."""
