"""The Airflow of an environment, through MWAA's InvokeRestApi: no web server needs to be reachable."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from lakehouse.environments import Environment, names

_PAGE = 100
_START_SECONDS = 300
_ERRORS = ("RestApiClientException", "RestApiServerException")
ENDED = ("success", "failed")


class AirflowApi:
    """Every call raises RunError (RUN691) with the answer of MWAA or Airflow when it is refused."""

    def __init__(self, env: Environment) -> None:
        self.env, self.name = env, names.airflow(env)
        aws = clients(env)
        # MWAA puts `env.` before its host; the embedded AWS has one name for all.
        config = Config(inject_host_prefix=env.aws.endpoint is None, read_timeout=30)
        self._mwaa: Any = aws.session.client("mwaa", endpoint_url=env.aws.endpoint, config=config)

    def environments(self) -> list[str]:
        """The names of the account's environments of Airflow. Raises ClientError."""
        return list(self._mwaa.list_environments()["Environments"])

    def wait_until_ready(self) -> None:
        """Returns when Airflow answers; the first question to the embedded one starts it."""
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self.call("GET", "/dags", {"limit": 1})
                return
            except RunError as error:
                if not getattr(error, "starts", False) or time.monotonic() > deadline:
                    raise
            time.sleep(1)

    def dags(self) -> Iterator[dict[str, Any]]:
        """Every DAG that Airflow has read, as its API shows it."""
        offset, total = 0, 1
        while offset < total:
            answer = self.call("GET", "/dags", {"limit": _PAGE, "offset": offset, "order_by": "dag_id"})
            yield from answer["dags"]
            offset, total = offset + _PAGE, int(answer["total_entries"])

    def paused(self) -> list[str]:
        """The ids of the DAGs whose schedule does nothing yet."""
        return [dag["dag_id"] for dag in self.dags() if dag["is_paused"]]

    def has_run(self, dag_id: str) -> bool:
        """Whether a DAG has any run."""
        return bool(self.call("GET", f"/dags/{dag_id}/dagRuns", {"limit": 1})["total_entries"])

    def unpause(self, dag_id: str) -> None:
        """Let a DAG run by its schedule, and what is triggered start."""
        self.call("PATCH", f"/dags/{dag_id}", {"update_mask": "is_paused"}, {"is_paused": False})

    def trigger(self, dag_id: str, day: date) -> str:
        """Start the DAG run of a day, and return its id."""
        moment = f"{day.isoformat()}T00:00:00Z"
        answer = self.call("POST", f"/dags/{dag_id}/dagRuns", body={"logical_date": moment})
        return str(answer["dag_run_id"])

    def run_state(self, dag_id: str, run_id: str) -> str:
        """queued, running, success or failed."""
        return str(self.call("GET", f"/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def tasks(self, dag_id: str, run_id: str) -> dict[str, str]:
        """Task → its state in a DAG run."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        instances = self.call("GET", path, {"limit": _PAGE})["task_instances"]
        return {task["task_id"]: str(task["state"]) for task in instances}

    def call(
        self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None
    ) -> dict[str, Any]:
        """The answer of one call of Airflow's API, below /api/v2."""
        document = {} if body is None else {"Body": body}
        try:
            answer = self._mwaa.invoke_rest_api(
                Name=self.name, Path=path, Method=method, QueryParameters=dict(query or {}), **document
            )
        except ClientError as error:
            raise _refused(method, path, error) from None
        response: dict[str, Any] = answer["RestApiResponse"]
        return response


class _AirflowStartsError(RunError):
    starts = True


def _refused(method: str, path: str, error: ClientError) -> RunError:
    code, text = error.response["Error"]["Code"], error.response["Error"]["Message"]
    response: Any = error.response.get("RestApiResponse")
    detail = response if isinstance(response, dict) else {}
    if code in _ERRORS and detail:
        text = str(detail.get("detail") or detail)
    kind = _AirflowStartsError if detail.get("starts") else RunError
    return kind(f"Airflow refuses {method} {path}: {code}: {text}", code="RUN691")
