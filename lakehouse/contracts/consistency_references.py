"""Checks shared by contracts and suites: names of columns exist, and regular expressions compile."""

from __future__ import annotations

from lakehouse.contracts.regex_cost import LONG_ENOUGH, pattern_cost
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


def check_regex(
    pattern: str, located: Located, loc: Loc, faults: Collector, max_length: int | None = None
) -> None:
    """Notes LK207 for a pattern that is no regular expression, or that not every engine reads alike.

    Notes LK231 for one for which a value may cost minutes. `max_length`: of the values.
    """
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
        return
    cost = pattern_cost(pattern)
    longest = LONG_ENOUGH if cost.longest is None else cost.longest
    if longest < LONG_ENOUGH and (max_length is None or max_length > longest):
        bounded = f", or a contract's column with a maxLength of at most {longest}" if longest else ""
        faults.add(
            "LK231",
            f"for '{pattern}' a value may cost minutes: {cost.reason}",
            file=located.file,
            at=located.at(loc),
            wanted=f"a pattern whose next character says which part it matches{bounded}",
            value=pattern,
        )
