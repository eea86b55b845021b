"""Files of the tree that a row of pipelines/ names and no room holds, such as SQL at the project's root: what reads them needs them too."""

from __future__ import annotations

from pathlib import Path

from lakehouse.pipelines.reader import read_pipelines
from lakehouse.reading.faults import Collector


def named_files(
    root: Path, rooms: tuple[str, ...], endings: tuple[str, ...] = (".py", ".sql", ".json")
) -> dict[str, Path]:
    """By their path in the tree. What is wrong with a pipeline was said before anything is built."""
    pipelines = read_pipelines(Collector(root.resolve()))
    files = {
        proc.file
        for p in pipelines.values()
        for job in p.jobs
        for proc in job.procs
        if proc.file.endswith(endings)
    }
    return {file: root / file for file in sorted(files) if file.split("/")[0] not in (*rooms, "glue_jobs")}
