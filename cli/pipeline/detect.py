"""What a folder says of itself, without being read as part of a tree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lakehouse.pipelines import cells
from lakehouse.pipelines.detect import CONFIG, CSV, GRAPH, KINDS, detect
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located, read_csv


def detected(folder: Path, faults: Collector) -> dict[str, Any] | None:
    """name, title, kind, what says so (`by`), and how many (`count`) of what (`of`); None with the reason in
    `faults`.
    """
    detection = detect(folder, faults)
    if detection is None:
        return None
    kind, located = detection
    if located is None:
        rows = read_csv(folder / CSV[0], cells.JOB, faults, required=(), shown=True)
        by = ", ".join(name for name in CSV if (folder / name).exists())
        return {"name": folder.name, "title": "", "kind": kind, "by": by, "count": len(rows), "of": "jobs"}
    if kind == "graph":
        return _of_graph(folder, located, faults)
    key = next(key for key, kind_of_key in KINDS.items() if kind_of_key == kind)
    parts, title = located.value[key], located.value.get("pipeline_name", "")
    if not isinstance(parts, list) or not parts:
        faults.add(
            "LK103",
            f"{key} = {parts!r:.80}",
            file=located.file,
            at=located.at((key,)),
            wanted="a list of at least one",
            value=parts,
        )
        return None
    of = "tasks" if key == "tasks" else "steps"
    return {
        "name": folder.name,
        "title": title,
        "kind": kind,
        "by": f"`{key}` in {CONFIG}",
        "count": len(parts),
        "of": of,
    }


def _of_graph(folder: Path, located: Located, faults: Collector) -> dict[str, Any] | None:
    jobs = located.value.get("jobs") if isinstance(located.value, dict) else None
    if not isinstance(jobs, dict) or not jobs:
        at, expected = located.at(("jobs",)), "a mapping of at least one job"
        faults.add("LK103", f"jobs = {jobs!r:.80}", file=located.file, at=at, wanted=expected)
        return None
    facts = {"title": located.value.get("title") or "", "kind": "graph", "by": GRAPH}
    return {"name": folder.name, **facts, "count": len(jobs), "of": "jobs"}
