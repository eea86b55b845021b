"""Reports what a run does: logs, metrics, lineage, alerts. None of them fails the run or shows a secret."""
