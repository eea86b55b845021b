"""Who may see what, as an auditor reads it: Markdown for people, a dictionary for machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from lakehouse.access.evaluate import Seen, TableView, column_tags, table_view, view
from lakehouse.access.model import Policy
from lakehouse.contracts import Schemas
from lakehouse.contracts.masking import NONE, PII
from lakehouse.environments import Environment, names

HEAD = """# Who may see what

Made from `lakeformation/` and the contracts by `lakehouse access page`; a change of either changes this \
page. The stack makes its grants
from the same facts. A grant holds for what carries one of the values of each tag it names; what a role \
was given adds up. People only read.
"""


def page(policy: Policy, schemas: Schemas) -> str:
    """All roles, the tags, and where personal data is."""
    parts = [HEAD, "\n".join(_personal(policy, schemas)), "\n".join(_tags(policy))]
    parts += [role_page(policy, schemas, role, "##") for role in policy.roles]
    return "\n".join([*parts, "\n".join(_jobs(policy))]) + "\n"


def role_page(
    policy: Policy, schemas: Schemas, role: str, mark: str = "#", env: Environment | None = None
) -> str:
    """One role. With an environment, the physical names too."""
    facts = policy.roles[role]
    lines = [f"{mark} {role}", "", facts.description, ""]
    lines += [f"- Taken on by the groups {', '.join(facts.groups)}; may {', '.join(facts.may)}."]
    lines += [f"- {key}: `{value}`" for key, value in (_physical(env, policy, role) if env else {}).items()]
    lines += [f"- Granted {', '.join(g.permissions)} on {g.text}." for g in policy.grants_of(role)]
    lines += [
        f"- Granted select on {f.table} where `{f.rows}` (row filter {f.name}): {f.reason}"
        for f in policy.filters_of(role)
    ]
    views = list(view(policy, role, schemas.on_lake))
    shown = [v for v in views if v.shown]
    if shown:
        lines += [
            "",
            "| table | reads | masked | denied | rows | by |",
            "|---|---|---|---|---|---|",
            *map(_row, shown),
        ]
    described = [v.table for v in views if v.described and not v.shown]
    hidden = [v.table for v in views if not v.described]
    lines += ["", f"Knows of, but reads no row: {', '.join(described)}."] if described else []
    lines += ["", f"Sees nothing of: {', '.join(hidden)}."] if hidden else []
    return "\n".join([*lines, ""])


def role_data(policy: Policy, schemas: Schemas, role: str, env: Environment | None = None) -> dict[str, Any]:
    """The same for machines, column by column."""
    facts = policy.roles[role]
    return {
        "role": role,
        **facts.model_dump(),
        **(_physical(env, policy, role) if env else {}),
        "grants": [{"permissions": g.permissions, "on": g.text} for g in policy.grants_of(role)],
        "filters": [f.model_dump(exclude_none=True, exclude={"role"}) for f in policy.filters_of(role)],
        "tables": [
            {**asdict(v), **({"database": names.database(env, v.table.split(".")[0])} if env else {})}
            for v in view(policy, role, schemas.on_lake)
        ],
    }


def _physical(env: Environment, policy: Policy, role: str) -> dict[str, str]:
    iam_role = {"iam_role": f"arn:aws:iam::{env.account}:role/{names.person_role(env, role)}"}
    return iam_role | (
        {"workgroup": names.role_workgroup(env, role)} if "query" in policy.roles[role].may else {}
    )


def _row(table: TableView) -> str:
    def named(state: str) -> str:
        return ", ".join(c.column for c in table.columns if c.state == state)

    allowed = [c for c in table.columns if c.state == "allowed"]
    reads = (
        f"all {len(allowed)} columns"
        if len(allowed) == len(table.columns)
        else named("allowed")
        if len(allowed) < 4
        else _others(table)
    )
    rows = sorted({f"`{c.rows}`" if c.rows else "all" for c in table.shown})
    by = sorted({c.by for c in table.shown})
    row_filters, grants = ", ".join(rows), ", ".join(by)
    return f"| {table.table} | {reads} | {named('masked')} | {named('denied')} | {row_filters} | {grants} |"


def _others(table: TableView) -> str:
    return f"the other {sum(c.state == 'allowed' for c in table.columns)} columns"


def _personal(policy: Policy, schemas: Schemas) -> Iterator[str]:
    """Each column that holds, or held, personal data, and who reads it."""
    yield from ("## Personal data", "", "| column | pii | read by |", "|---|---|---|")
    for table, contract in schemas.on_lake.items():
        views = {
            role: {c.column: c for c in table_view(policy, role, contract).columns} for role in policy.roles
        }
        for column in contract.column_names:
            pii = column_tags(policy, contract, column).get(PII, NONE)
            if pii != NONE:
                readers = [
                    _reader(role, columns[column])
                    for role, columns in views.items()
                    if columns[column].state != "denied"
                ]
                yield f"| {table}.{column} | {pii} | {', '.join(readers) or 'nobody'} |"
    yield ""


def _reader(role: str, column: Seen) -> str:
    return f"{role} (some rows)" if column.rows else role


def _tags(policy: Policy) -> Iterator[str]:
    yield from ("## Tags", "")
    for key, tag in policy.tags.items():
        yield from (f"**{key}**: {tag.description}", "", "| value | means |", "|---|---|")
        yield from (f"| {value} | {means} |" for value, means in tag.values.items())
        yield ""


def _jobs(policy: Policy) -> Iterator[str]:
    yield from (
        "## Jobs",
        "",
        "The role of a job, with the catalog entries of exactly the tables that its row names:",
        "",
    )
    jobs = policy.jobs
    for action, permissions in (
        ("reads", jobs.reads),
        ("writes", jobs.writes),
        ("registers", jobs.registers),
    ):
        yield f"- what it {action}: {', '.join(permissions)}"
