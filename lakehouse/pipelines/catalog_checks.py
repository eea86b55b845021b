"""Checks the catalogs that SQL puts before a layer: each environment has one of its own."""

from __future__ import annotations

from collections.abc import Sequence

from lakehouse.environments import Environment
from lakehouse.pipelines.model import Job
from lakehouse.reading.faults import Collector


def check_catalogs(environments: Sequence[Environment], jobs: Sequence[Job], faults: Collector) -> None:
    """Notes LK260 for a catalog that no environment has, and LK261 for one of another environment.

    A job that runs in several environments has the tables of each, so it names a layer alone.
    """
    owner = {env.catalog: env.name for env in environments if env.catalog}
    for job in jobs:
        for proc in job.procs:
            for catalog, line in proc.catalogs:
                file, at = faults.root / proc.file, (line, 0)
                others = [name for name in job.environments if name != owner.get(catalog)]
                if catalog not in owner:
                    message = f"names the catalog '{catalog}', which no environment has"
                    shape = f"one of {', '.join(owner)}, or the layer alone" if owner else "the layer alone"
                    faults.add(
                        "LK260", message, file=file, at=at, wanted=shape, value=catalog, among=list(owner)
                    )
                elif others:
                    message = (
                        f"names the catalog '{catalog}' of {owner[catalog]}, and job '{job.name}' runs in "
                        f"{', '.join(others)}"
                    )
                    shape = f"the layer alone, or a job of {owner[catalog]} alone"
                    faults.add("LK261", message, file=file, at=at, wanted=shape, value=catalog)
