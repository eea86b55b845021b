"""Checks of the names that a policy uses: roles, layers, tables and columns."""

from __future__ import annotations

from collections.abc import Sequence

from lakehouse.access.model import Policy
from lakehouse.contracts.contract import Contract
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Loc, Located

# Names of groups that hold everybody in the account or in the company.
EVERYBODY = (
    "*",
    "all",
    "everybody",
    "everyone",
    "anyone",
    "public",
    "iamallowedprincipals",
    "alliamprincipals",
)


def check_role(role: str, policy: Policy, located: Located, loc: Loc, faults: Collector) -> bool:
    """Checks the name of a role. A grant to everybody has a fault of its own."""
    if role in policy.roles:
        return True
    if not check_somebody("", role, located, loc, faults):
        return False
    at, expected = located.at(loc), "a role of grants.yml"
    faults.add(
        "LK403",
        f"unknown role '{role}'",
        file=located.file,
        at=at,
        wanted=expected,
        value=role,
        among=policy.roles,
    )
    return False


def check_somebody(kind: str, name: str, located: Located, loc: Loc, faults: Collector) -> bool:
    """Returns False, and notes a fault, for a name that stands for everybody."""
    everybody = name.lower().replace("_", "").replace("-", "") in EVERYBODY
    if everybody:
        at, expected = located.at(loc), "the roles or groups that need it, by name"
        faults.add(
            "LK405",
            f"{kind} '{name}' is everybody".strip(),
            file=located.file,
            at=at,
            wanted=expected,
            value=name,
        )
    return not everybody


def check_table(
    table: str, located: Located, loc: Loc, declared: Sequence[str], faults: Collector, *, key: bool = False
) -> None:
    if table not in declared:
        at, message = located.at(loc, key=key), f"table '{table}' has no contract of the lake"
        faults.add(
            "LK208",
            message,
            file=located.file,
            at=at,
            wanted="a table of schemas/",
            value=table,
            among=declared,
        )


def check_columns(
    names: Sequence[str], contract: Contract, located: Located, loc: Loc, faults: Collector
) -> None:
    columns = [name for name, _ in contract.stored]
    for i, name in enumerate(names):
        if name not in columns:
            message, at = f"'{name}' is no column of {contract.table}", located.at((*loc, i))
            faults.add(
                "LK206",
                message,
                file=located.file,
                at=at,
                wanted="a column of the table",
                value=name,
                among=columns,
            )


def check_tag(
    policy: Policy, key: str, located: Located, loc: Loc, faults: Collector, words: Sequence[str] = ()
) -> bool:
    """Whether a tag is declared. `words`: what else may have been meant."""
    if key not in policy.tags:
        at, message = located.at(loc, key=True), f"tag '{key}' is not declared"
        faults.add(
            "LK401",
            message,
            file=located.file,
            at=at,
            wanted=f"a tag of tags.yml{', or a word of a column' if words else ''}",
            value=key,
            among=[*policy.tags, *words],
        )
    return key in policy.tags


def check_value(policy: Policy, key: str, value: str, located: Located, loc: Loc, faults: Collector) -> None:
    allowed = policy.tags[key].values
    if value not in allowed:
        message, expected = f"tag '{key}' has no value '{value}'", f"one of {', '.join(allowed)}"
        faults.add(
            "LK402",
            message,
            file=located.file,
            at=located.at(loc),
            wanted=expected,
            value=value,
            among=allowed,
        )
