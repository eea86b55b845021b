"""Checks what causes no event: jobs that never started, unusual row counts and stale tables."""
