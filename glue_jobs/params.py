"""The arguments of a run. A person, the CLI and Glue call one entrypoint; Glue adds its own arguments."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from glue_jobs.errors import RunError
from glue_jobs.glue_arguments import GLUES
from lakehouse.pipelines.backfill import BackfillWindow
from lakehouse.reading.days import day_of
from lakehouse.reading.faults import nearest
from lakehouse.reading.strict_json import strict_json

USAGE = (
    "run --job NAME --env ENV [--config FILE] [--run-date YYYY-MM-DD] [--full-refresh] [--param KEY=VALUE]…"
    " [--force TABLE,…] [--backfill FROM..TO@ID] [--replay TABLE/ID] [--rewind TABLE/ID/FROM] [--smoke]"
)
# Glue keeps every argument in a map, so there each can stand only once; --params takes them all as one JSON
# object.
OURS = (
    *("job", "env", "config", "run-date", "param", "params", "bundle", "release", "full-refresh"),
    *("backfill", "replay", "rewind", "requested-by", "force", "smoke"),
)
SWITCHES = ("full-refresh", "smoke")


class UsageError(RunError):
    """The arguments are wrong; all that is wrong with them, one fault a line."""

    code = "RUN050"
    exit_code = 2


@dataclass(frozen=True)
class RunArgs:
    """What to run: `run_date` is the logical date; `params` replace the values of proc_param.csv.

    `bundle` and `release`: S3 URIs of the project's files and of the release's manifest. A deployed job
    has both, a laptop neither. `full_refresh`: the job makes its tables anew from all of their inputs.
    `window`: an ingest reads these days again, by the watermarks of a backfill.
    `replay`: TABLE/ID of rejected rows that are tried again, instead of the job's work.
    `rewind`: TABLE/ID/FROM, a step of a rewind of a dimension instead.
    `requested_by`: who asked for the run, where AWS has proven it.
    `smoke`: the run tries what the job needs, and does nothing else.
    `force`: tables that are made anew, judged whole or published whole, though nothing changed.
    `passed_over`: the words that are neither ours nor Glue's and were not used.
    """

    job: str
    env: str
    config: Path | None = None
    run_date: date | None = None
    params: dict[str, str] = field(default_factory=dict)
    bundle: str = ""
    release: str = ""
    full_refresh: bool = False
    window: BackfillWindow | None = None
    replay: str = ""
    rewind: str = ""
    requested_by: str = ""
    force: tuple[str, ...] = ()
    smoke: bool = False
    passed_over: tuple[str, ...] = ()


def parse(argv: Sequence[str]) -> RunArgs:
    """The arguments after the script's name, `--key value` or `--key=value`; `_` in a key of ours is `-`.

    AWS adds arguments of its own from one release to the next, so what is like none of ours is passed over.
    Raises UsageError, also for what is close to a key of ours.
    """
    faults: list[str] = []
    passed_over: list[str] = []
    given, params = _values(argv, faults, passed_over)
    faults += [
        f"--{key} is missing"
        for key in ("job", "env")
        if not given.get(key) and not any(f.startswith(f"--{key} ") for f in faults)
    ]
    if bool(given.get("bundle")) != bool(given.get("release")):
        faults.append(
            "--bundle and --release belong together: the project's files, and which release they are"
        )
    run_date = _date(given.get("run-date"), faults)
    full_refresh = _switch("full-refresh", given.get("full-refresh"), faults)
    smoke = _switch("smoke", given.get("smoke"), faults)
    window = _window(given.get("backfill"), faults)
    if faults:
        raise UsageError("\n".join([*faults, f"usage: {USAGE}"]))
    config = Path(given["config"]) if given.get("config") else None
    force = tuple(name.strip() for name in given.get("force", "").split(",") if name.strip())
    args = RunArgs(given["job"], given["env"], config, run_date, params, force=force, smoke=smoke)
    args = replace(args, bundle=given.get("bundle", ""), release=given.get("release", ""), window=window)
    args = replace(
        args, full_refresh=full_refresh, replay=given.get("replay", ""), rewind=given.get("rewind", "")
    )
    return replace(args, requested_by=given.get("requested-by", ""), passed_over=tuple(passed_over))


def _values(
    argv: Sequence[str], faults: list[str], passed_over: list[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Our keys and the parameters of the job, each with its text."""
    given: dict[str, str] = {}
    params: dict[str, str] = {}
    for key, value in _pairs(argv, faults, passed_over):
        if value is None and key in SWITCHES:
            value = "true"
        if value is None:
            faults.append(f"--{key} needs a value")
        elif key == "param":
            name, equals, text = value.partition("=")
            _param(params, name.strip(), text, faults) if equals and name.strip() else faults.append(
                f"--param '{value}': wanted KEY=VALUE"
            )
        elif key == "params":
            _json_params(params, value, faults)
        elif key in given:
            faults.append(f"--{key} stands twice")
        else:
            given[key] = value
    return given, params


def _pairs(argv: Sequence[str], faults: list[str], passed_over: list[str]) -> list[tuple[str, str | None]]:
    """Our keys with their values; others are passed over, with or without a value."""
    pairs: list[tuple[str, str | None]] = []
    at, after_ours = 0, False
    while at < len(argv):
        word = argv[at]
        at += 1
        if not word.startswith("--") or word == "--":
            # After a key of ours it is a part of its value that somebody forgot to quote.
            if after_ours:
                faults.append(f"'{word}' belongs to no argument")
            else:
                passed_over.append(word)
            continue
        key, equals, value = word[2:].partition("=")
        # A value may begin with one dash, as a negative number does, but not with two: that is the next key.
        takes = not equals and at < len(argv) and not argv[at].startswith("--")
        text = value if equals else argv[at] if takes else None
        at += takes
        ours = key.replace("_", "-")
        after_ours = ours in OURS
        if after_ours:
            pairs.append((ours, text))
        elif key not in GLUES:
            near = nearest(key, OURS) or nearest(ours.lower(), OURS)
            if near:
                faults.append(f"unknown argument --{key}; did you mean --{near}?")
            else:
                passed_over.append(f"--{key}")
    return pairs


def _param(params: dict[str, str], name: str, value: str, faults: list[str]) -> None:
    if name in params:
        faults.append(f"--param {name} stands twice")
    params[name] = value


def _json_params(params: dict[str, str], text: str, faults: list[str]) -> None:
    try:
        values: Any = strict_json(text)
    except ValueError as error:
        faults.append(f"--params: {error}")
        return
    if not isinstance(values, dict) or not all(isinstance(v, str | int | float) for v in values.values()):
        faults.append("--params: wanted a JSON object of plain values")
        return
    for name, value in values.items():
        _param(params, name, value if isinstance(value, str) else json.dumps(value), faults)


def _switch(key: str, text: str | None, faults: list[str]) -> bool:
    if text not in (None, "true", "false"):
        faults.append(f"--{key} '{text}': wanted true or false")
    return text == "true"


def _window(text: str | None, faults: list[str]) -> BackfillWindow | None:
    window = BackfillWindow.parse(text) if text is not None else None
    if text is not None and window is None:
        faults.append(f"--backfill '{text}': wanted the days and the id as 2017-01-01..2017-01-31@b-1a2b")
    return window


def _date(text: str | None, faults: list[str]) -> date | None:
    if text is None:
        return None
    if (day := day_of(text)) is None:
        faults.append(f"--run-date '{text}': wanted a date as 2017-01-31")
    return day
