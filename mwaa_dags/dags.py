"""The one file in which Airflow looks for a DAG. All of them are made from the facts."""

from mwaa_dags.make import all_dags

globals().update(all_dags())
