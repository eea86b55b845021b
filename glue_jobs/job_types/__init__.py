"""The types of job: what each does in one run."""
