"""The sample data of a project: the package `sample_data` in its folder. The platform ships none.

A project that has sample data offers in `sample_data/__init__.py`:

- `SETS`: name → one line that describes the set. The first one is loaded when a command names none.
- `load_sample(env, start, end, dirt, seed, sets)`: fills the source systems of the local platform with the
  days [start, end] of the sets named, and returns a dataclass: the rows loaded by source (`rows`) and what
  was broken on purpose (`dirt`, a sequence of dataclasses with `rows`). Raises ValueError for an argument
  that it cannot use.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import Field
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Protocol, cast

import typer

from lakehouse.environments import Environment
from lakehouse.project import Project

PACKAGE = "sample_data"
GUIDE = "docs/guides/local-world.md"


class LoadSummary(Protocol):
    """What a load did: a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def rows(self) -> Mapping[str, int]:
        """Rows loaded, by source."""

    @property
    def dirt(self) -> Sequence[Any]:
        """One dataclass for each kind of broken row that was added, with its number as `rows`."""


class SampleData(Protocol):
    """The interface of a project's package `sample_data`."""

    SETS: Mapping[str, str]

    def load_sample(
        self,
        env: Environment,
        start: date,
        end: date,
        dirt: float = ...,
        seed: int = ...,
        sets: Sequence[str] = ...,
    ) -> LoadSummary:
        """Fills the source systems with the days [start, end]."""


def sample_data_of(project: Project) -> SampleData:
    """The project's package.

    Raises BadParameter (exit code 2) when the project has none that the platform can use.
    """
    if not (project.sample_data / "__init__.py").is_file():
        raise typer.BadParameter(
            f"this project has no sample data: it has no {PACKAGE}/__init__.py; see {GUIDE}"
        )
    root = str(project.root.resolve())
    if sys.path[0] != root:
        sys.path.insert(0, root)
    module = importlib.import_module(PACKAGE)
    if Path(module.__file__ or "").resolve().parent != project.sample_data.resolve():
        raise typer.BadParameter(f"{PACKAGE} of another project is loaded already: {module.__file__}")
    missing = [name for name in ("SETS", "load_sample") if not hasattr(module, name)]
    if missing:
        raise typer.BadParameter(
            f"{PACKAGE}/__init__.py does not define {' and '.join(missing)}; see {GUIDE}"
        )
    return cast(SampleData, module)


def load_project_sample(
    project: Project,
    env: Environment,
    days: tuple[date, date],
    dirt: float,
    *,
    seed: int | None = None,
    sets: Sequence[str] | None = None,
) -> LoadSummary:
    """Loads sets of the project's sample data; without `sets` its first one, without `seed` the project's
    own.

    Raises BadParameter for arguments that the project's loader refuses.
    """
    sample = sample_data_of(project)
    unknown = [name for name in sets or () if name not in sample.SETS]
    if unknown:
        raise typer.BadParameter(f"there is no sample data '{unknown[0]}'; there is {', '.join(sample.SETS)}")
    chosen: dict[str, Any] = {"sets": list(sets or [next(iter(sample.SETS))])}
    if seed is not None:
        chosen["seed"] = seed
    try:
        return sample.load_sample(env, *days, dirt, **chosen)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
