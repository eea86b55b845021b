"""All facts of a tree, and whose fault is whose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lakehouse.access.model import Policy
from lakehouse.access.reader import read_policy
from lakehouse.contracts import Schemas
from lakehouse.contracts.files import CONTRACT, SHORT, SUITE, stated_tables
from lakehouse.contracts.reader import read_schemas
from lakehouse.environments.prices import read_prices
from lakehouse.environments.reader import read_environment
from lakehouse.pipelines import Job, Pipeline
from lakehouse.pipelines.detect import folders
from lakehouse.pipelines.job_checks import check_jobs
from lakehouse.pipelines.reader import read_pipelines
from lakehouse.project import environment_names
from lakehouse.reading.faults import Collector, Fault


@dataclass(frozen=True)
class Tree:
    """The facts of a project that can be read; `faults` lists the others, each once, by file and line."""

    root: Path
    environments: tuple[str, ...]
    schemas: Schemas
    pipelines: dict[str, Pipeline]
    policy: Policy | None
    faults: list[Fault]

    @property
    def jobs(self) -> list[Job]:
        return [j for p in self.pipelines.values() for j in p.jobs]

    def names(self) -> list[str]:
        """The folders of pipelines/, also those with faults."""
        return [folder.name for folder in folders(self.root)]

    def faults_of(self, name: str) -> list[Fault]:
        """The faults in a pipeline's folder, in files that its procs run, and in contracts and suites of
        its tables.
        """
        pipeline = self.pipelines.get(name)
        jobs = pipeline.jobs if pipeline else ()
        tables = {t.replace(".", "/", 1) for j in jobs for t in j.writes}
        files = {f"schemas/{table}{ending}" for table in tables for ending in (CONTRACT, SUITE, SHORT)} | {
            p.file for j in jobs for p in j.procs
        }
        folder = f"pipelines/{name}"
        return [f for f in self.faults if f.file in {folder, *files} or f.file.startswith(f"{folder}/")]


def read_tree(root: Path) -> Tree:
    """Every environment, contract, suite, pipeline and grant."""
    from lakehouse.orchestration.plan import plan
    from lakehouse.pipelines.catalog_checks import check_catalogs
    from lakehouse.pipelines.clock_checks import check_clocks
    from lakehouse.pipelines.deadline_checks import check_deadlines
    from lakehouse.pipelines.derived_columns import check_derived
    from lakehouse.pipelines.egress_checks import check_egress
    from lakehouse.pipelines.environment_config import check_environment_configs
    from lakehouse.pipelines.rule_checks import check_rules
    from lakehouse.pipelines.sql_columns import check_columns
    from lakehouse.pipelines.sql_lint import check_sql

    faults = Collector(root.resolve())
    environments = tuple(environment_names(faults))
    read = [read_environment(name, faults) for name in environments]
    read_prices(faults)
    schemas = read_schemas(faults)
    pipelines = read_pipelines(faults)
    jobs = [j for p in pipelines.values() for j in p.jobs]
    check_jobs(jobs, schemas.contracts, stated_tables(faults.root), faults)
    check_sql(jobs, faults)
    check_columns(jobs, schemas.contracts, faults)
    check_derived(jobs, schemas.contracts, faults)
    check_rules(schemas.contracts, faults)
    check_clocks(jobs, faults)
    check_catalogs([env for env in read if env], jobs, faults)
    check_environment_configs({env.name: env for env in read if env}, faults)
    for environment in filter(None, read):
        check_deadlines(environment, jobs, faults)
    if not faults.faults:
        # What a job needs is known of sound jobs alone.
        for environment in filter(None, read):
            check_egress(environment, jobs, schemas, faults)
            if environment.stack.orchestrator == "none":
                plan(environment, pipelines.values(), faults)
    policy = read_policy(faults, schemas)
    # Four environments share one base.yml: what is wrong there is said once.
    return Tree(faults.root, environments, schemas, pipelines, policy, sorted(set(faults.faults)))
