"""Managed Airflow that runs: a real Airflow for an environment that the stack has made."""
