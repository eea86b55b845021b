"""Tells the owner of a job how a run ended, or that it takes too long."""
