"""Pipelines as DAGs. Imports facts and Airflow; never an engine."""
