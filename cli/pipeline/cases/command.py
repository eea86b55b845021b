"""`lakehouse pipeline test NAME`: the cases of a pipeline, in one Spark of this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.common import Json, unknown
from lakehouse.contracts.reader import read_schemas
from lakehouse.environments import Environment, load_environment
from lakehouse.pipelines.reader import read_pipelines
from lakehouse.project import project_root
from lakehouse.reading.faults import Collector

if TYPE_CHECKING:
    from cli.pipeline.cases.reader import Case
    from lakehouse.contracts import Schemas


def run_cases(
    name: Annotated[str, typer.Argument(help="The pipeline's folder below pipelines/.")],
    case: Annotated[
        list[str] | None, typer.Option(help="Only this case; may be given again. Without it: all.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run the cases of a pipeline: rows in, rows expected, as pipelines/<name>/tests/<case>/ states them.

    The functions and queries get their inputs with the types of the contracts, as the job does. Neither AWS
    nor the local platform is needed. Exit code 1 when a row differs, which a side-by-side table shows; 2 for
    a case that cannot be read, and for a pipeline without cases.
    """
    schemas, cases = load_cases(project_root(), name)
    chosen = _chosen(cases, case, name)
    from cli.pipeline.cases.report import as_dict, print_result
    from cli.pipeline.cases.run import run_case
    from glue_jobs.session import job_session, spark_session

    session = job_session(spark_session(_with_jars(load_environment("local"))))
    results = []
    for one in chosen:
        for result in run_case(session, one, schemas.contracts):
            results.append(result)
            if not as_json:
                print_result(result)
    failed = [r for r in results if not r.passed]
    if as_json:
        typer.echo(json.dumps([as_dict(r) for r in results], ensure_ascii=False))
    else:
        typer.echo(
            f"{len(results) - len(failed)} of {len(results)} tables of {len(chosen)} cases as expected"
        )
    if failed:
        raise typer.Exit(1)


def load_cases(root: Path, name: str) -> tuple[Schemas, list[Case]]:
    """The cases of a pipeline.

    Raises FaultsError for what is wrong with them or with the facts that they need.
    """
    from cli.pipeline.cases.reader import read_cases

    faults = Collector(root.resolve())
    pipelines, schemas = read_pipelines(faults), read_schemas(faults)
    faults.raise_if_any()
    if name not in pipelines:
        raise unknown("pipeline", name, list(pipelines))
    cases = read_cases(pipelines[name], schemas.contracts, faults)
    faults.raise_if_any()
    return schemas, cases


def _chosen(cases: list[Case], names: list[str] | None, pipeline: str) -> list[Case]:
    if not cases:
        raise typer.BadParameter(f"pipeline '{pipeline}' has no cases: pipelines/{pipeline}/tests/ has none")
    by_name = {case.name: case for case in cases}
    for name in names or ():
        if name not in by_name:
            raise unknown("case", name, list(by_name))
    return [by_name[name] for name in names] if names else cases


def _with_jars(env: Environment) -> Environment:
    """The environment with the jars and the Java of this machine, which the local platform would name
    otherwise.
    """
    from local_aws.jars import ensure_jars
    from local_aws.java import java_home

    jars = {"jars_dir": str(ensure_jars().spark), "java_home": str(java_home())}
    return env.model_copy(update={"spark": env.spark.model_copy(update=jars)})
