"""Which kind of pipeline a folder is, by the files that it holds."""

from __future__ import annotations

from pathlib import Path

from lakehouse.pipelines.model import Kind
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located, read_json, read_yaml

CSV = ("job.csv", "proc.csv", "proc_param.csv")
CONFIG, GRAPH = "config.json", "pipeline.yml"
KINDS: dict[str, Kind] = {"tasks": "streaming", "execution_sequence": "batch"}
WANTED = "pipeline.yml, job.csv, or config.json with either `tasks` or `execution_sequence`"


def folders(root: Path) -> list[Path]:
    """The folders of pipelines/ that are pipelines, or should be."""
    paths = (root / "pipelines").glob("*/")
    return sorted(f for f in paths if not f.name.startswith(("_", ".")))


def detect(folder: Path, faults: Collector) -> tuple[Kind, Located | None] | None:
    """The kind of a folder, with what its config.json holds; None when that cannot be told, and the reason is
    noted.
    """
    # Any of the three files makes a pipeline: a folder without its job.csv would vanish.
    rows = [name for name in CSV if (folder / name).exists()]
    config = folder / CONFIG
    kinds = [
        *([", ".join(rows)] if rows else []),
        *(name for name in (CONFIG, GRAPH) if (folder / name).exists()),
    ]
    if len(kinds) != 1:
        text = f"is of several kinds: {' and '.join(kinds)}"
        text = text if kinds else "is no pipeline: it has neither job.csv nor config.json nor pipeline.yml"
        faults.add("LK320", text, file=folder, wanted=WANTED)
        return None
    if rows:
        return "metadata", None
    if kinds == [GRAPH]:
        graph = read_yaml(folder / GRAPH, faults)
        return ("graph", graph) if graph else None
    located = read_json(config, faults)
    if located is None:
        return None
    keys = [key for key in KINDS if isinstance(located.value, dict) and key in located.value]
    if len(keys) != 1:
        message = f"has both {' and '.join(keys)}" if keys else f"has neither {' nor '.join(KINDS)}"
        faults.add(
            "LK320",
            f"{CONFIG} {message}",
            file=config,
            at=located.at((keys[-1],) if keys else (), key=True),
            wanted=WANTED,
        )
        return None
    return KINDS[keys[0]], located
