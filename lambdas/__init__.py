"""WHO IS TOLD: the functions that watch the runs."""
