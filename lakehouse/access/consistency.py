"""Checks of a policy across its files: the tags, roles, tables and columns it names exist, and its grants
have an effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lakehouse.access import vocabulary
from lakehouse.access.model import Grant, Policy, Tag
from lakehouse.contracts.contract import Contract
from lakehouse.contracts.masking import MASKED, NONE, PII
from lakehouse.environments.names import LAYERS
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Loc, Located


def check_tags(policy: Policy, located: Located, declared: Sequence[str], faults: Collector) -> None:
    """Checks tags.yml. `stated` are all tables with a contract, with faults or without."""
    values = policy.tags[PII].values if PII in policy.tags else {}
    for word in (NONE, MASKED):
        if word not in values:
            message, expected = (
                f"tag '{PII}' with the value '{word}' is missing",
                f"{NONE} and {MASKED}, which the platform knows",
            )
            faults.add(
                "LK102",
                message,
                file=located.file,
                at=located.at(("tags", PII, "values")),
                wanted=expected,
                value=word,
            )
    for key, tag in policy.tags.items():
        for loc, value in _assigned(tag):
            vocabulary.check_value(policy, key, value, located, ("tags", key, *loc), faults)
        for table in tag.tables:
            vocabulary.check_table(table, located, ("tags", key, "tables", table), declared, faults, key=True)
        # A layer's database exists before a first table names an owner.
        if tag.default is None and not tag.owners and set(tag.layers) != set(LAYERS):
            without = ", ".join(layer for layer in LAYERS if layer not in tag.layers)
            message = f"tag '{key}' has no value in {without}"
            at = located.at(("tags", key), key=True)
            faults.add(
                "LK409",
                message,
                file=located.file,
                at=at,
                wanted="a default, owners or every layer",
                value=key,
            )


def _assigned(tag: Tag) -> Iterator[tuple[Loc, str]]:
    if tag.default is not None:
        yield ("default",), tag.default
    for part in ("layers", "owners", "tables"):
        for of, value in getattr(tag, part).items():
            yield (part, of), value


def check_grants(
    policy: Policy,
    located: Located,
    contracts: Mapping[str, Contract],
    declared: Sequence[str],
    faults: Collector,
) -> None:
    """Checks grants.yml.

    A table whose contract has faults adds none here: they are reported at the contract.
    """
    for name, role in policy.roles.items():
        vocabulary.check_somebody("role", name, located, ("roles", name), faults)
        for i, group in enumerate(role.groups):
            vocabulary.check_somebody("group", group, located, ("roles", name, "groups", i), faults)
    for i, grant in enumerate(policy.grants):
        _check_grant(policy, grant, located, ("grants", i), contracts, declared, faults)
    _check_kinds(policy, located, faults)


def _check_grant(
    policy: Policy,
    grant: Grant,
    located: Located,
    loc: Loc,
    contracts: Mapping[str, Contract],
    declared: Sequence[str],
    faults: Collector,
) -> None:
    vocabulary.check_role(grant.role, policy, located, (*loc, "role"), faults)
    for key, values in (grant.tags or {}).items():
        if vocabulary.check_tag(policy, key, located, (*loc, "tags", key), faults):
            for i, value in enumerate(values):
                vocabulary.check_value(policy, key, value, located, (*loc, "tags", key, i), faults)
    if grant.table is not None:
        vocabulary.check_table(grant.table, located, (*loc, "table"), declared, faults)
        if grant.columns and grant.table in contracts:
            vocabulary.check_columns(
                grant.columns, contracts[grant.table], located, (*loc, "columns"), faults
            )


def _check_kinds(policy: Policy, located: Located, faults: Collector) -> None:
    """Reports a principal with grants on whole tables and on columns.

    Terraform's provider confuses the two, and would plan them again at every deploy.
    """
    whole = {g.role for g in policy.grants if g.table and not g.columns}
    for i, grant in enumerate(policy.grants):
        if grant.columns and grant.role in whole:
            message, at = (
                f"role '{grant.role}' has grants on columns and on whole tables",
                located.at(("grants", i, "columns"), key=True),
            )
            faults.add(
                "LK404",
                message,
                file=located.file,
                at=at,
                wanted="one of the two kinds for a role, or tags",
                value=grant.role,
            )
