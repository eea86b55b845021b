"""The folder of a project: where it is, what its lakehouse.yml says, and every path below it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated

from packaging.requirements import InvalidRequirement, Requirement
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from lakehouse import __version__
from lakehouse.reading.check import check
from lakehouse.reading.faults import Collector, Fault, FaultsError
from lakehouse.reading.located import Located, read_yaml

MARKER = "lakehouse.yml"
VARIABLE = "LAKEHOUSE_PROJECT"
CACHE_VARIABLE = "LAKEHOUSE_CACHE"
DISTRIBUTION = "lakehouse-platform"
WANTED = f"a folder with {MARKER}: --project DIR, {VARIABLE}, or a folder above the working folder"


def _requirement(text: str) -> str:
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        raise ValueError(f"a requirement such as '{DISTRIBUTION}>=1.0,<2'") from None
    if requirement.name != DISTRIBUTION:
        raise ValueError(f"a requirement of {DISTRIBUTION}, such as '{DISTRIBUTION}>=1.0,<2'")
    return text


def _once(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise ValueError("each name once")
    return names


ProjectName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{2,15}$")]
EnvironmentName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=16)]


Day = Annotated[date, Field(strict=False)]


class Demo(BaseModel):
    """What `lakehouse demo` shows of a project."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    pipeline: str = Field(description="The pipeline that the demo runs.")
    start: Day = Field(alias="from", description="First day of the sample data.")
    end: Day = Field(alias="to", description="Last day of the sample data, and the logical date of the run.")
    dirt: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.0, description="Share of broken and doubled rows of each kind."
    )
    title: str = Field(description="Heading of the answer.")
    question: str = Field(description="A query on the tables of gold, in DuckDB's SQL.")


class Settings(BaseModel):
    """The content of lakehouse.yml."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: ProjectName = Field(
        description="Name of the project. Every bucket, job and table in an account begins with it."
    )
    requires: Annotated[str, AfterValidator(_requirement)] = Field(
        description="The versions of the platform that this project works with."
    )
    environments: Annotated[list[EnvironmentName], Field(min_length=1), AfterValidator(_once)] = Field(
        description="Names of the environments. Each has a file environments/<name>.yml."
    )
    owner: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")] | None = Field(
        default=None, description="Owner of the pipelines of config.json that name none."
    )
    demo: Demo | None = Field(default=None, description="What `lakehouse demo` runs and asks.")


@dataclass(frozen=True)
class Project:
    """A project's folder. Nothing else in the platform joins a path of a project together."""

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Project:
        """The project that LAKEHOUSE_PROJECT names, or the nearest one at or above `start` (the working
        folder). Raises FaultsError (LK010) when there is none.
        """
        named = os.environ.get(VARIABLE)
        if named:
            root = Path(named).resolve()
            if (root / MARKER).is_file():
                return cls(root)
            raise FaultsError([Fault(named, 0, 0, "LK010", f"{VARIABLE} names no project", WANTED, named)])
        folder = (start or Path.cwd()).resolve()
        for candidate in (folder, *folder.parents):
            if (candidate / MARKER).is_file():
                return cls(candidate)
        raise FaultsError([Fault(str(folder), 0, 0, "LK010", "is not inside a project", WANTED, str(folder))])

    @cached_property
    def settings(self) -> Settings:
        """Raises FaultsError with everything that is wrong with lakehouse.yml."""
        faults = Collector(self.root)
        settings = read_settings(faults)
        faults.raise_if_any()
        assert settings is not None
        return settings

    @property
    def environments(self) -> Path:
        return self.root / "environments"

    @property
    def schemas(self) -> Path:
        return self.root / "schemas"

    @property
    def pipelines(self) -> Path:
        return self.root / "pipelines"

    @property
    def access(self) -> Path:
        return self.root / "lakeformation"

    @property
    def sample_data(self) -> Path:
        return self.root / "sample_data"

    @property
    def cache(self) -> Path:
        """Downloads that any run can fetch again: jars, tools, Airflow.

        LAKEHOUSE_CACHE names another folder.
        """
        return Path(os.environ.get(CACHE_VARIABLE) or self.root / ".cache").resolve()

    @property
    def local(self) -> Path:
        """State of the local platform: its overlay, logs and processes."""
        return self.root / ".local"

    @property
    def build(self) -> Path:
        """Artifacts that `lakehouse build` makes."""
        return self.root / ".build"

    @property
    def synthesized(self) -> Path:
        """Terraform that `cdktf synth` writes."""
        return self.root / "cdktf.out"


def project_root() -> Path:
    """The root of the project that the command works on. Raises FaultsError (LK010) when there is none."""
    return Project.find().root


def read_settings(faults: Collector) -> Settings | None:
    """lakehouse.yml of the tree that `faults` collects for, or None with every fault noted."""
    file = faults.root / MARKER
    if not file.is_file():
        faults.add("LK010", f"{MARKER} is missing", file=file, wanted="name, requires and environments")
        return None
    located = read_yaml(file, faults)
    settings = check(Settings, located, faults) if located else None
    if located and settings:
        _check_version(settings, located, faults)
    return settings


def environment_names(faults: Collector) -> Sequence[str]:
    """The environments that lakehouse.yml names; none when it cannot be read, which is noted."""
    settings = read_settings(faults)
    return settings.environments if settings else ()


def _check_version(settings: Settings, located: Located, faults: Collector) -> None:
    if not Requirement(settings.requires).specifier.contains(__version__, prereleases=True):
        faults.add(
            "LK011",
            f"requires {settings.requires}, and this is {DISTRIBUTION} {__version__}",
            file=located.file,
            at=located.at(("requires",)),
            wanted=f"pip install '{settings.requires}', or a range that contains {__version__}",
            value=settings.requires,
        )
