"""From `lakehouse init` to gold with five related public files, by commands that anyone can give.

`python -m benchmarks.files_to_gold [FOLDER]` makes a project in FOLDER (else in a temporary folder), and
prints each command, the files and lines that the pipeline consists of, the minutes until gold has rows, and
these rows. The files are of the package vega-datasets: hourly temperatures of Seattle and San Francisco in
2010, Seattle's weather 2012 to 2015, airports, and prices of shares 2000 to 2010.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from lakehouse.environments.reader import OVERLAY
from lakehouse.project import CACHE_VARIABLE, VARIABLE, Project

HERE = Path(__file__).parent
PIPELINE = "cities"
# Public file → bronze table.
FILES = {
    "seattle-temps.csv": "seattle_temps",
    "sf-temps.csv": "sf_temps",
    "seattle-weather.csv": "weather",
    "airports.csv": "airports",
    "stocks.csv": "stocks",
}
# What a person writes; folder here → folder of the project.
WRITTEN = {"silver": "schemas/silver", "gold": "schemas/gold", "sql": f"pipelines/{PIPELINE}/sql"}
MOST_FILES, MOST_LINES = 12, 250
QUESTION = """SELECT city, month, days, mean_celsius, rain_mm, share_usd FROM gold.city_months
ORDER BY city, month"""
DAY = "2017-01-31"


def public_files() -> list[Path]:
    """The five files of vega-datasets. Raises FileNotFoundError where the package is not installed."""
    spec = find_spec("vega_datasets")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("vega-datasets is not installed: uv sync")
    return [Path(spec.origin).parent / "_data" / name for name in FILES]


def make_pipeline(project: Path) -> None:
    """Make the project, its five bronze tables, and the silver and gold ones of this folder."""
    lakehouse("init", str(project), "--name", PIPELINE, "--environments", "dev", at=project.parent)
    for file in public_files():
        table = FILES[file.name]
        lakehouse("onboard", str(file), "--as", f"bronze.{table}", "--pipeline", PIPELINE, at=project)
    for source, target in WRITTEN.items():
        shutil.copytree(HERE / source, project / target, dirs_exist_ok=True)
    with (project / f"pipelines/{PIPELINE}/pipeline.yml").open("a", encoding="utf-8") as jobs:
        jobs.write((HERE / "jobs.yml").read_text(encoding="utf-8"))
    lakehouse("validate", at=project)


def pipeline_files(project: Path) -> dict[str, int]:
    """Each file of the pipeline with its lines: contracts with their suites, SQL, and the graph."""
    tables = [*FILES.values(), *(f.stem for layer in ("silver", "gold") for f in (HERE / layer).iterdir())]
    schemas = [f for f in sorted((project / "schemas").rglob("*.yml")) if f.stem in tables]
    files = [*schemas, *sorted(f for f in (project / f"pipelines/{PIPELINE}").rglob("*") if f.is_file())]
    return {str(f.relative_to(project)): len(f.read_text(encoding="utf-8").splitlines()) for f in files}


def run_pipeline(project: Path) -> str:
    """Start a local world, deliver the files, run the pipeline; the rows of gold as JSON."""
    lakehouse("local", "up", at=project)
    for file in public_files():
        source = FILES[file.name]
        put = ("landing", "put", str(file), "--env", "local", "--source", source, "--date", DAY)
        lakehouse(*put, at=project)
    lakehouse("run", "--env", "local", "--pipeline", PIPELINE, "--run-date", DAY, at=project)
    return lakehouse("query", "--env", "local", "--json", QUESTION, at=project)


def lakehouse(*words: str, at: Path) -> str:
    """What a command prints. Raises CalledProcessError, after both outputs, when it fails."""
    print("$ lakehouse", *words, flush=True)
    removed = (VARIABLE, OVERLAY, "LAKEHOUSE_LOGS")
    variables = {name: value for name, value in os.environ.items() if name not in removed}
    variables |= {CACHE_VARIABLE: str(Project.find(HERE).cache), "TERM": "dumb"}
    program = Path(sys.executable).parent / "lakehouse"
    done = subprocess.run(
        [str(program), *words], cwd=at, env=variables, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(done.stdout, done.stderr, file=sys.stderr)
        done.check_returncode()
    return done.stdout


def main(folder: Path) -> int:
    """0 when gold has rows and the pipeline is within its bounds."""
    project, began = folder / PIPELINE, time.monotonic()
    make_pipeline(project)
    files = pipeline_files(project)
    try:
        answer = run_pipeline(project)
    finally:
        lakehouse("local", "down", at=project)
    minutes = (time.monotonic() - began) / 60
    for file, lines in files.items():
        print(f"{lines:5}  {file}")
    print(f"{sum(files.values()):5}  lines in {len(files)} files; {minutes:.1f} minutes from init to gold")
    print(answer)
    return int(len(files) > MOST_FILES or sum(files.values()) > MOST_LINES or answer.strip() == "[]")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        target = Path(sys.argv[1]).resolve()
        target.mkdir(parents=True, exist_ok=True)
        sys.exit(main(target))
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(main(Path(temporary)))
