"""Reads an environment: its own file over base.yml, and a running local world's overlay over both."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from environments.model import Environment
from facts.check import check, tree_root
from facts.faults import Collector
from facts.located import Located, read_json, read_yaml

NAMES = ("local", "dev", "staging", "prod")
OVERLAY = "LAKEHOUSE_OVERLAY"


def load_environment(name: str, root: Path | None = None, config: Path | None = None) -> Environment:
    """The environment `name`, with the facts of the file `config` on top.

    Raises FaultsError with everything that is wrong with its files.
    """
    faults = Collector(root or tree_root())
    env = read_environment(name, faults, config)
    faults.raise_if_any()
    assert env is not None
    return env


def read_environment(name: str, faults: Collector, config: Path | None = None) -> Environment | None:
    folder = faults.root / "environments"
    if name not in NAMES:
        faults.add("LK110", f"unknown environment '{name}'", file=folder, wanted=f"one of {', '.join(NAMES)}", value=name, among=NAMES)
        return None
    base, own = read_yaml(folder / "base.yml", faults), read_yaml(folder / f"{name}.yml", faults)
    if base is None or own is None:
        return None
    over = read_yaml(config, faults) if config else None
    if config and over is None:
        return None
    layers = [base, own, *_overlay(own, faults), *([over] if over else [])]
    merged = layers[0]
    for layer in layers[1:]:
        merged = _over(merged, layer)
    return check(Environment, merged, faults)


def _overlay(own: Located, faults: Collector) -> list[Located]:
    """Only an environment that names an overlay can have one: a stray variable cannot redirect prod."""
    named = isinstance(own.value, dict) and own.value.get("overlay")
    if not named:
        return []
    path = Path(os.environ.get(OVERLAY) or faults.root / str(named))
    found = read_json(path, faults) if path.exists() else None
    return [found] if found else []


def _over(low: Located, high: Located) -> Located:
    """`high` on top of `low`, key by key; each value keeps the place it came from."""
    files = {**dict.fromkeys(low.places, low.file), **low.files, **dict.fromkeys(high.places, high.file)}
    value = _merge(low.value, high.value)
    # The whole is the lowest file's: what no file states is missing there.
    places = {**low.places, **high.places, (): low.at(())}
    return Located(low.file, value, places, {**low.keys, **high.keys}, files)


def _merge(low: Any, high: Any) -> Any:
    if isinstance(low, dict) and isinstance(high, dict):
        return {k: _merge(low[k], high[k]) if k in low and k in high else high.get(k, low.get(k)) for k in {**low, **high}}
    return high
