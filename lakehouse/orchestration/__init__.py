"""Which jobs start together, when, and what each waits for: one plan for Airflow and for state machines."""
