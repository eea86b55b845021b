"""Reads tags.yml, grants.yml and row_filters.yml, with all their faults at once."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from lakehouse.access.consistency import check_grants, check_tags
from lakehouse.access.consistency_contracts import check_contracts
from lakehouse.access.consistency_filters import check_filters
from lakehouse.access.model import Grants, Policy, RowFilters, Stated, Tags
from lakehouse.contracts import Schemas
from lakehouse.contracts.files import stated_tables
from lakehouse.contracts.reader import read_schemas
from lakehouse.project import project_root
from lakehouse.reading.check import check_readable
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located, read_yaml

FILES = ("tags.yml", "grants.yml", "row_filters.yml")
S = TypeVar("S", bound=Stated)


def load_policy(root: Path | None = None) -> Policy:
    """The policy of a project.

    Raises FaultsError with every fault of lakeformation/ and of the contracts it refers to.
    """
    faults = Collector(root or project_root())
    policy = read_policy(faults, read_schemas(faults))
    faults.raise_if_any()
    assert policy is not None
    return policy


def read_policy(faults: Collector, schemas: Schemas) -> Policy | None:
    """The policy, or None with every fault noted."""
    before = len(faults.faults)
    folder = faults.root / "lakeformation"
    for file in sorted(folder.glob("*.y*ml")):
        if file.name not in FILES:
            faults.add(
                "LK212",
                "nobody reads this file",
                file=file,
                wanted=", ".join(FILES),
                value=file.name,
                among=FILES,
            )
    at_tags, tags = _read(Tags, folder / FILES[0], faults)
    at_grants, grants = _read(Grants, folder / FILES[1], faults)
    at_filters, filters = _read(RowFilters, folder / FILES[2], faults)
    if not (tags and grants and filters and at_tags and at_grants and at_filters):
        return None
    policy = Policy(tags.tags, grants.roles, tuple(grants.grants), grants.jobs, tuple(filters.filters))
    # The Lakebase has grants of PostgreSQL: tags, grants and filters do not apply to its tables.
    declared = [t for t in stated_tables(faults.root) if t in schemas.on_lake or t not in schemas.contracts]
    check_tags(policy, at_tags, declared, faults)
    check_grants(policy, at_grants, schemas.on_lake, declared, faults)
    check_filters(policy, at_filters, schemas.on_lake, declared, faults)
    check_contracts(policy, schemas, faults)
    return policy if len(faults.faults) == before else None


def _read(model: type[S], file: Path, faults: Collector) -> tuple[Located | None, S | None]:
    located = read_yaml(file, faults)
    return located, check_readable(model, located, faults)[0] if located else None
