"""Notifies the owner of a job that a run has failed, succeeded or takes too long."""
