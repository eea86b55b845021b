"""Reads an environment: base.yml, the environment's own file on top, then the overlay of a running local
platform.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from lakehouse.environments.model import Environment
from lakehouse.environments.stack import MASKING_SECRET, SUBJECT_SECRET
from lakehouse.project import Settings, project_root, read_settings
from lakehouse.reading.check import check_readable
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located, read_json, read_yaml

OVERLAY = "LAKEHOUSE_OVERLAY"


def load_environment(name: str, root: Path | None = None, config: Path | None = None) -> Environment:
    """The environment `name` of a project, with the facts of the file `config` on top.

    Raises FaultsError with every fault of its files.
    """
    faults = Collector(root or project_root())
    env = read_environment(name, faults, config)
    faults.raise_if_any()
    assert env is not None
    return env


def read_environment(name: str, faults: Collector, config: Path | None = None) -> Environment | None:
    """The environment, or None with every fault noted."""
    settings = read_settings(faults)
    if settings is None:
        return None
    folder = faults.root / "environments"
    if name not in settings.environments:
        faults.add(
            "LK110",
            f"unknown environment '{name}'",
            file=folder,
            wanted=f"one of {', '.join(settings.environments)}",
            value=name,
            among=settings.environments,
        )
        return None
    base, specific = read_yaml(folder / "base.yml", faults), read_yaml(folder / f"{name}.yml", faults)
    if base is None or specific is None:
        return None
    over = read_yaml(config, faults) if config else None
    if config and over is None:
        return None
    layers = [base, specific, *_overlay(specific, faults), *([over] if over else [])]
    keyed = [layer for layer in layers if _has_keys(layer, faults)]
    if len(keyed) < len(layers):
        return None
    merged = layers[0]
    for layer in layers[1:]:
        merged = _over(merged, layer)
    return _checked(merged, settings, faults)


def _has_keys(layer: Located, faults: Collector) -> bool:
    """Whether a file holds facts by their keys; a list, a text or nothing would take the place of all."""
    if isinstance(layer.value, dict):
        return True
    shown = f"document = {layer.value!r:.80}"
    faults.add("LK103", shown, file=layer.file, at=layer.at(()), wanted="keys with values, as `key: value`")
    return False


def _checked(merged: Located, settings: Settings, faults: Collector) -> Environment | None:
    """The typed environment. Its project comes from lakehouse.yml; no other file may name one."""
    if "project" not in merged.value:
        env, valid = check_readable(Environment, merged, faults, {**merged.value, "project": settings.name})
    else:
        file, at = merged.file_at(("project",)), merged.at(("project",), key=True)
        faults.add("LK101", "unknown key 'project'", file=file, at=at, wanted="`name` in lakehouse.yml")
        return None
    unknown = [name for name in env.jobs_of if name not in settings.environments] if env else []
    for name in unknown:
        at = merged.at(("jobs_of",))
        expected = f"some of {', '.join(settings.environments)}"
        faults.add(
            "LK110",
            f"jobs_of names an unknown environment '{name}'",
            file=merged.file_at(("jobs_of",)),
            at=at,
            wanted=expected,
            value=name,
            among=settings.environments,
        )
    return None if unknown or not valid or (env and _rotates_key(env, merged, faults)) else env


def _rotates_key(env: Environment, merged: Located, faults: Collector) -> bool:
    """A new key gives other hashes: half of a table joins with nothing, a forgotten person comes again."""
    expected = {
        MASKING_SECRET: "`lakehouse pii rotate`",
        SUBJECT_SECRET: "no rotation: nobody has the values to hash them anew",
    }
    rotated = [name for name in expected if name in env.stack.rotation]
    for name in rotated:
        loc = ("stack", "rotation", name)
        message = f"stack.rotation renews '{name}' by the clock, and no hash would fit the one before"
        file, at = merged.file_at(loc), merged.at(loc, key=True)
        faults.add("LK412", message, file=file, at=at, wanted=expected[name], value=name)
    return bool(rotated)


def _overlay(specific: Located, faults: Collector) -> list[Located]:
    """The overlay of an environment. Only one that names an overlay can have it: a stray variable cannot
    redirect prod.
    """
    named = isinstance(specific.value, dict) and specific.value.get("overlay")
    if not named:
        return []
    path = Path(os.environ.get(OVERLAY) or faults.root / str(named))
    overlay = read_json(path, faults) if path.exists() else None
    return [overlay] if overlay else []


def _over(low: Located, high: Located) -> Located:
    """`high` on top of `low`, key by key; each value keeps its file and line."""
    files = {**dict.fromkeys(low.places, low.file), **low.files, **dict.fromkeys(high.places, high.file)}
    value = _merge(low.value, high.value)
    # The document as a whole is located in the lowest file: a key that no file has is missing there.
    places = {**low.places, **high.places, (): low.at(())}
    return Located(low.file, value, places, {**low.keys, **high.keys}, files)


def _merge(low: Any, high: Any) -> Any:
    if isinstance(low, dict) and isinstance(high, dict):
        return {
            k: _merge(low[k], high[k]) if k in low and k in high else high.get(k, low.get(k))
            for k in {**low, **high}
        }
    return high
