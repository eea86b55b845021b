"""Lambda functions that watch the runs and notify their owners."""
