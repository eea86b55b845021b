"""What a run tells the world: logs, metrics, lineage and alerts, none of which may fail it or show a secret."""
