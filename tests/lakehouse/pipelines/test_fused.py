"""`fuse: true`: one more job that may what all jobs of the pipeline may, and what cannot be fused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lakehouse.contracts import load_schemas
from lakehouse.environments import load_environment
from lakehouse.pipelines import Job, load_pipelines
from lakehouse.pipelines.fused import check_fused, fused_job
from lakehouse.pipelines.job_jars import job_jars
from lakehouse.pipelines.job_needs import job_needs
from lakehouse.project import project_root
from lakehouse.reading.faults import Collector
from tests.lakehouse.pipelines.loans import read
from tests.lakehouse.pipelines.test_graph_file import GRAPH, tree
from tests.mwaa_dags.pipeline_files import chain, pipeline
from tests.project_marker import mark

ENV = load_environment("local")


def fused(name: str) -> Job:
    job = fused_job(ENV, replace(load_pipelines()[name], fuse=True))
    assert job is not None
    return job


def test_fused_job_needs_what_all_its_members_need_and_a_place_for_its_own_files() -> None:
    schemas, job = load_schemas(), fused("retail")
    assert [member.name for member in job.members] == [j.name for j in load_pipelines()["retail"].jobs]
    together = job_needs(job, schemas, ENV)
    for member in job.members:
        own = job_needs(member, schemas, ENV)
        for needed in vars(own):
            assert set(getattr(own, needed)) <= set(getattr(together, needed)), (member.name, needed)
        assert set(job_jars(member, schemas, ENV)) <= set(job_jars(job, schemas, ENV))
    members = {p for m in job.members for p in job_needs(m, schemas, ENV).writes}
    assert {p.path.rpartition("=")[2].rpartition("/")[2] for p in set(together.writes) - members} == {
        "retail_fused"
    }


def test_pipeline_without_fuse_has_no_such_job() -> None:
    assert all(fused_job(ENV, p) is None for p in load_pipelines().values())


def rows(root: Path, jobs: list[dict[str, str]], settings: str = "fuse: true\n") -> list[tuple[str, str]]:
    mark(root)
    pipeline(root, "trips", jobs)
    (root / "pipelines/trips/settings.yml").write_text(settings)
    pipelines, faults = read(root)
    assert pipelines["trips"].fuse is (settings == "fuse: true\n")
    codes = ("LK101", "LK103", "LK274", "LK275", "LK276", "LK277", "LK278")
    return [(fault.code, str(fault)) for fault in faults if fault.code in codes]


def test_pipeline_of_rows_is_fused_by_its_settings(tmp_path: Path) -> None:
    assert rows(tmp_path, chain("daily")) == []


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"schedule": "continuous", "job_type": "streaming"}, "LK274", "'second' is a stream"),
        ({"dag": "monthly"}, "LK275", "'second' is in DAG 'monthly', 'first' in 'daily'"),
        ({"name": "trips_fused"}, "LK278", "'trips_fused' is a job, and the fused run of 'trips'"),
    ],
)
def test_what_cannot_share_a_run_is_a_fault(
    tmp_path: Path, change: dict[str, str], code: str, text: str
) -> None:
    first, second = chain("daily")
    (fault,) = rows(tmp_path, [first, {**second, **change}])
    assert fault[0] == code
    assert text in fault[1]


def test_unknown_key_of_the_settings_is_a_fault(tmp_path: Path) -> None:
    (fault,) = rows(tmp_path, chain("daily"), "fuze: true\n")
    assert fault[0] == "LK101"
    assert "pipelines/trips/settings.yml:1" in fault[1]


def test_graph_with_a_stream_is_not_fused(tmp_path: Path) -> None:
    _, faults = read(tree(tmp_path, f"fuse: true\n{GRAPH}"))
    assert [fault.code for fault in faults if fault.code.startswith("LK27")] == ["LK274"]
    without = "\n".join(line for line in GRAPH.splitlines() if "live:" not in line)
    pipelines, faults = read(tree(tmp_path, f"fuse: true\n{without}\n"))
    assert faults == []
    assert pipelines["trips"].fuse


def test_jobs_of_a_data_factory_are_not_fused() -> None:
    loans = load_pipelines()["loans"]
    faults = Collector(project_root())
    check_fused([replace(loans, fuse=True)], faults)
    codes = {fault.code for fault in faults.faults}
    assert {"LK274", "LK275"} <= codes
    one_dag = tuple(j for j in loans.jobs if j.procs[0].scheduler == "ADF")[:1]
    faults = Collector(project_root())
    check_fused([replace(loans, jobs=one_dag, fuse=True)], faults)
    assert [fault.code for fault in faults.faults] == ["LK277"]


def test_workers_must_agree() -> None:
    retail = load_pipelines()["retail"]
    larger = (*retail.jobs[:-1], replace(retail.jobs[-1], workers=10))
    faults = Collector(project_root())
    check_fused([replace(retail, jobs=larger, fuse=True)], faults)
    assert [fault.code for fault in faults.faults] == ["LK276"]
