"""The job types: what each one does with a run. registry.py finds the one of a job."""
