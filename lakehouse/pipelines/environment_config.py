"""`config/<env>.yml` of a pipeline's folder: what such files hold stands in other files here, once.

Each value is compared with the fact that it is about. One that agrees is sound; one that differs, or that
nothing here has, is a fault that says where the fact lives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lakehouse.environments.model import Environment
from lakehouse.environments.names import LAYERS
from lakehouse.pipelines.detect import folders
from lakehouse.reading.faults import Collector
from lakehouse.reading.jsontext import Loc
from lakehouse.reading.located import Located, read_yaml

# Key → (the fact of environments/<env>.yml, its value in the unit of the key).
_FACTS: dict[str, tuple[str, Callable[[Environment], Any]]] = {
    "environment": ("name", lambda env: env.name),
    "name": ("catalog", lambda env: env.catalog),
    "num_workers": ("glue.workers", lambda env: env.glue.workers),
    "max_workers": ("glue.workers", lambda env: env.glue.workers),
    "worker_type": ("glue.worker_type", lambda env: env.glue.worker_type),
    "timeout_seconds": ("glue.timeout_minutes × 60", lambda env: env.glue.timeout_minutes * 60),
    "timeout_minutes": ("glue.timeout_minutes", lambda env: env.glue.timeout_minutes),
    "max_concurrent_runs": ("glue.max_concurrent_runs", lambda env: env.glue.max_concurrent_runs),
    "monitoring": ("monitoring", lambda env: env.monitoring),
    "enabled": ("monitoring", lambda env: env.monitoring),
    "on_success": ("stack.alerts.tell_success", lambda env: env.stack.alerts.tell_success),
}
_ALERTS = "failure_notification of job.csv, notification_email of config.json"
# Key → where the fact lives instead, which no environment states as one value.
_ELSEWHERE = {
    "node_type_id": "glue.worker_type of environments/, such as G.1X: Glue knows no types of nodes",
    "autotermination_minutes": "nothing: Glue gives each run its workers and takes them back with its end",
    "spark_version": "nothing: glue.version of environments/ brings Spark 3.5",
    "checkpoint_location": "nothing: each stream has a folder of its own in the zone of checkpoints",
    "retries": "retry_policy of job.csv, retries of pipeline.yml",
    "max_retries": "retry_policy of job.csv, retries of pipeline.yml",
    "notification_email": _ALERTS,
    "on_failure": _ALERTS,
}
_SCHEMAS = "schemas"


def check_environment_configs(environments: Mapping[str, Environment], faults: Collector) -> None:
    """Notes the faults of every pipeline's config/*.yml (LK265, LK266, LK267)."""
    for folder in folders(faults.root):
        for file in sorted([*(folder / "config").glob("*.yml"), *(folder / "config").glob("*.yaml")]):
            _check_file(file, environments, faults)


def _check_file(file: Path, environments: Mapping[str, Environment], faults: Collector) -> None:
    env = environments.get(file.stem)
    if env is None:
        expected = f"config/<environment>.yml, of {', '.join(environments)}"
        text = f"no environment is called '{file.stem}'"
        faults.add("LK265", text, file=file, wanted=expected, value=file.stem, among=list(environments))
        return
    located = read_yaml(file, faults)
    if located is None:
        return
    for loc, value in _leaves(located.value, ()):
        _check_key(located, loc, value, env, faults)


def _leaves(value: Any, loc: Loc) -> Iterator[tuple[Loc, Any]]:
    """Each key that holds a plain value or a list, however deeply it lies."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _leaves(part, (*loc, key))
    elif loc:
        yield loc, value


def _check_key(located: Located, loc: Loc, value: Any, env: Environment, faults: Collector) -> None:
    key, at = str(loc[-1]), located.at(loc)
    path = ".".join(map(str, loc))
    facts = f"environments/{env.name}.yml"
    if key == _SCHEMAS:
        _check_schemas(located, loc, value, faults)
    elif key in _FACTS:
        fact, read = _FACTS[key]
        if value != read(env):
            text = f"{path} is {_shown(value)}, and {facts} says {_shown(read(env))}"
            faults.add("LK266", text, file=located.file, at=at, wanted=f"the value as {fact} of {facts}")
    elif key in _ELSEWHERE:
        text = f"{path} has no meaning here"
        faults.add("LK267", text, file=located.file, at=at, wanted=_ELSEWHERE[key])
    else:
        names = [*_FACTS, *_ELSEWHERE, _SCHEMAS]
        text, expected = f"{path} is no key that is known", f"one of {', '.join(names)}"
        faults.add("LK267", text, file=located.file, at=at, wanted=expected, value=key, among=names)


def _check_schemas(located: Located, loc: Loc, value: Any, faults: Collector) -> None:
    unknown = [v for v in value if v not in LAYERS] if _is_list(value) else [value]
    if unknown:
        text = f"{'.'.join(map(str, loc))} names {_shown(unknown[0])}"
        expected = f"layers, which are the databases of an environment: {', '.join(LAYERS)}"
        faults.add("LK266", text, file=located.file, at=located.at(loc), wanted=expected)


def _is_list(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | Mapping)


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value).lower() if isinstance(value, bool) else f"{value!s:.80}"
