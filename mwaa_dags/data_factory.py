"""Runs a pipeline of Azure Data Factory by the Azure provider's own operator."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from airflow.providers.microsoft.azure.operators.data_factory import AzureDataFactoryRunPipelineOperator

from lakehouse.environments import Environment, names
from lakehouse.pipelines import Job
from lakehouse.pipelines.params import evaluate
from mwaa_dags import days
from mwaa_dags.airflow_api import AirflowFailException, mask_secret


class FactoryRun(AzureDataFactoryRunPipelineOperator):
    """One run of a pipeline with the parameters of a job. It is deferred while it waits.

    Secret parameters are read when the task runs, and are in no rendered field, log or XCom.
    """

    def __init__(self, *, env: Environment, job: Job, pipeline: str, **kwargs: Any) -> None:
        factory = env.data_factory
        if factory is None:
            raise ValueError(f"environment {env.name} names no data factory")
        super().__init__(
            pipeline_name=pipeline,
            azure_data_factory_conn_id=factory.secret,
            resource_group_name=factory.resource_group,
            factory_name=factory.factory,
            check_interval=factory.poll_seconds,
            deferrable=True,
            **kwargs,
        )
        self.env, self.job, self.subscription = env, job, factory.subscription

    def execute(self, context: Any) -> None:
        """Starts the run. Raises AirflowFailException, which Airflow does not retry, for a day after today
        (RUN141), and where the connection is of another subscription (RUN670).
        """
        day = days.run_day(context)
        if fault := days.fault_of_arguments({"--run-date": day.isoformat()}):
            raise AirflowFailException(fault)
        self._check_subscription()
        values = self._plain_parameters(day, str(context["run_id"]))
        self.log.info("parameters: %s", json.dumps(values))
        self.parameters = {**values, **self._secrets()}
        try:
            super().execute(context)
        finally:
            self.parameters = {}

    def _check_subscription(self) -> None:
        connection = self.hook.get_connection(self.azure_data_factory_conn_id)
        subscription = connection.extra_dejson.get("subscriptionId")
        if subscription != self.subscription:
            raise AirflowFailException(
                f"RUN670 secret {names.secret(self.env, self.azure_data_factory_conn_id)}: its connection is "
                f"of subscription {subscription}; wanted {self.subscription}, which environment "
                f"{self.env.name} names"
            )

    def _plain_parameters(self, day: date, run_id: str) -> dict[str, Any]:
        """Name → value as JSON has it; a day as YYYY-MM-DD."""
        values = {
            p.name: evaluate(p, run_date=day, run_id=run_id, job_name=self.job.name)
            for p in self.job.params
            if not p.secure and p.type != "tables"
        }
        return {name: v.isoformat() if isinstance(v, date) else v for name, v in values.items()}

    def _secrets(self) -> dict[str, str]:
        """Parameter → the secret's only field, or its whole JSON where it has several."""
        secure = {p.name: p.secret_name for p in self.job.params if p.secure and p.secret_name}
        if not secure:
            return {}
        import boto3  # slow to import, and needed only when a task runs

        client = boto3.client("secretsmanager", region_name=self.env.region)
        values = {}
        for name, secret in secure.items():
            text = client.get_secret_value(SecretId=names.secret(self.env, secret))["SecretString"]
            fields = json.loads(text)
            values[name] = str(next(iter(fields.values()))) if len(fields) == 1 else text
            mask_secret(values[name])
        return values
