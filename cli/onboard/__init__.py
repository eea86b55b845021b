"""`lakehouse onboard`: contract, suite and ingest of files that nobody described yet."""
