"""Checks shared by contracts and suites: names of columns exist, and regular expressions compile."""

from __future__ import annotations

from lakehouse.contracts.regex_portability import portability_fault
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Loc, Located


def check_column_names(
    names: list[str], columns: list[str], located: Located, loc: Loc, faults: Collector
) -> None:
    """Notes LK206 for each name that is no column, and LK005 for each name that occurs twice."""
    for i, name in enumerate(names):
        location = next((at for at in ((*loc, i), (*loc, name)) if at in located.places), loc)
        path = ".".join(map(str, loc))
        if name not in columns:
            faults.add(
                "LK206",
                f"{path} names no column: '{name}'",
                file=located.file,
                at=located.at(location),
                wanted="a column of the table",
                value=name,
                among=columns,
            )
        elif name in names[:i]:
            faults.add(
                "LK005",
                f"{path} names '{name}' twice",
                file=located.file,
                at=located.at(location),
                wanted="each column once",
                value=name,
            )


def check_regex(pattern: str, located: Located, loc: Loc, faults: Collector) -> None:
    """Notes LK207 for a pattern that is no regular expression, or that not every engine reads alike."""
    fault = portability_fault(pattern)
    if fault:
        faults.add(
            "LK207",
            f"'{pattern}' is no regular expression: {fault}",
            file=located.file,
            at=located.at(loc),
            wanted="a regular expression that Java, ECMA-262 and Python read alike",
            value=pattern,
        )
