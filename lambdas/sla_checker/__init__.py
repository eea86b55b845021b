"""Looks for what no event tells: what never started, came empty, or is stale."""
