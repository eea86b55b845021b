"""Checks of the tags in contracts: each is declared and allowed, every column with personal data has one, and
every table has one value of each.
"""

from __future__ import annotations

from collections.abc import Iterator

from lakehouse.access import vocabulary
from lakehouse.access.evaluate import table_tags
from lakehouse.access.model import Policy
from lakehouse.contracts import Schemas
from lakehouse.contracts.contract import Column, Contract
from lakehouse.contracts.files import is_short, read_table_files, stated_tables
from lakehouse.contracts.masking import CLEAR, NONE, PII
from lakehouse.contracts.short.column_line import WORDS
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located


def check_contracts(policy: Policy, schemas: Schemas, faults: Collector) -> None:
    files = stated_tables(faults.root)
    for table, contract in schemas.contracts.items():
        trial = Collector(faults.root)
        _check(policy, contract, schemas, Located(files[table], None), trial)
        # The files are read again, for line numbers, only when there is a fault.
        located = read_table_files(files[table], trial).contract if trial.faults else None
        if located:
            _check(policy, contract, schemas, located, faults)


def _check(policy: Policy, contract: Contract, schemas: Schemas, located: Located, faults: Collector) -> None:
    # A word of a column's line that none of them is becomes a tag.
    words = WORDS if is_short(located.file) else ()
    for column in contract.columns:
        loc = ("properties", column.name)
        for key, value in column.lake.tags.items():
            tag = (*loc, "x-lake", "tags", key)
            if vocabulary.check_tag(policy, key, located, tag, faults, words):
                vocabulary.check_value(policy, key, value, located, tag, faults)
        why = next(_signs(column, schemas), None)
        if why and PII not in column.lake.tags:
            message, at = f"column '{column.name}' {why}, but has no pii tag", located.at(loc, key=True)
            expected = "x-lake.tags with pii: its kind, masked or none"
            faults.add("LK410", message, file=located.file, at=at, wanted=expected, value=column.name)
        elif PII in policy.tags and PII not in column.lake.tags:
            # A column that nobody has thought about must not be shown because its table is.
            message, at = f"column '{column.name}' states no pii tag", located.at(loc, key=True)
            expected = "x-lake.tags with pii: its kind, masked or none"
            faults.add("LK411", message, file=located.file, at=at, wanted=expected, value=column.name)
    _check_every_tag(policy, contract, located, faults)


def _signs(column: Column, schemas: Schemas) -> Iterator[str]:
    """Reasons in the contracts to take a column for personal data: a mask, the format of an address, or the
    columns it is derived from.
    """
    if column.lake.mask is not None and column.lake.mask != CLEAR:
        yield f"is masked by {column.lake.mask}"
    if column.schema.format == "email":
        yield "is an e-mail address"
    for origin in column.lake.derived_from:
        table, _, name = origin.rpartition(".")
        source = schemas.contracts[table].by_name.get(name) if table in schemas.contracts else None
        pii = source.lake.tags.get(PII, NONE) if source else NONE
        if pii != NONE:
            yield f"comes from {origin}, whose pii is {pii}"


def _check_every_tag(policy: Policy, contract: Contract, located: Located, faults: Collector) -> None:
    """Reports tables without a value of a tag: no grant would reach them."""
    tags, owner, loc = table_tags(policy, contract), contract.lake.owner, ("x-lake", "owner")
    for key, tag in policy.tags.items():
        if key not in tags:
            message, expected = (
                f"owner '{owner}' has no value of the tag '{key}'",
                f"the owner, the table or its layer under {key} in tags.yml",
            )
            faults.add(
                "LK409",
                message,
                file=located.file,
                at=located.at(loc),
                wanted=expected,
                value=owner,
                among=tag.owners,
            )
