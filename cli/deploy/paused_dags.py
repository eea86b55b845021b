"""DAGs that wait for a green `lakehouse doctor`: who is new is paused, and who has run is left as it is."""

from __future__ import annotations

from dataclasses import dataclass

from cli.run.airflow_api import AirflowApi
from glue_jobs.errors import RunError
from lakehouse.environments import Environment, names


@dataclass(frozen=True)
class PausedDags:
    """`new` have never run: Airflow has read them and waits. `by_people` have run before."""

    new: tuple[str, ...]
    by_people: tuple[str, ...]

    @classmethod
    def of(cls, airflow: AirflowApi) -> PausedDags:
        """The paused DAGs of an Airflow. Raises RunError (RUN691)."""
        paused = airflow.paused()
        ran = {dag_id for dag_id in paused if airflow.has_run(dag_id)}
        return cls(tuple(d for d in paused if d not in ran), tuple(d for d in paused if d in ran))


def dags_to_start(env: Environment, *, green: bool) -> tuple[str, str]:
    """State and detail of the check `DAGs`. When all is `green`, new DAGs start to run by their schedules.

    A DAG that has run before was paused by a person, who also unpauses it.
    """
    airflow = AirflowApi(env)
    try:
        airflow.wait_until_ready()
        paused = PausedDags.of(airflow)
        for dag_id in paused.new if green else ():
            airflow.unpause(dag_id)
    except RunError as error:
        return "unknown", f"{error}; unpause in Airflow what is new"
    texts = []
    if paused.new:
        command = f"`lakehouse doctor --env {env.name} --smoke` unpauses them when all is well"
        texts.append(f"{'unpaused' if green else 'paused'}: {', '.join(paused.new)}")
        texts += [] if green else [command]
    if paused.by_people:
        texts.append(f"paused by people, and left so: {', '.join(paused.by_people)}")
    return "ok" if green or not paused.new else "paused", "; ".join(texts)


def has_airflow(env: Environment) -> bool:
    """Whether the environment has an Airflow: none by its facts, or none in a world of this machine."""
    if env.stack.orchestrator == "none":
        return False
    if env.overlay is None:
        return True
    return names.airflow(env) in AirflowApi(env).environments()
