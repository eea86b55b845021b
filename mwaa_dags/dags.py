"""The only file in which Airflow looks for DAGs. It makes every DAG from the facts of the project."""

from mwaa_dags.dag_factory import all_dags

globals().update(all_dags())
