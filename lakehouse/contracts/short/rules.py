"""The suite of a short contract: rules by short names, and those that follow from the contract."""

from __future__ import annotations

from typing import Any

from lakehouse.contracts.contract import METADATA
from lakehouse.contracts.short.model import ShortTable
from lakehouse.contracts.short.placed import Placed
from lakehouse.reading.faults import Collector
from lakehouse.reading.jsontext import Place
from lakehouse.reading.located import Located

# Short name → the expectation's name in Great Expectations.
RULES = {
    "row_count": "expect_table_row_count_to_be_between",
    "columns": "expect_table_columns_to_match_set",
    "exists": "expect_column_to_exist",
    "not_null": "expect_column_values_to_not_be_null",
    "unique": "expect_column_values_to_be_unique",
    "unique_together": "expect_compound_columns_to_be_unique",
    "in_set": "expect_column_values_to_be_in_set",
    "regex": "expect_column_values_to_match_regex",
    "between": "expect_column_values_to_be_between",
    "lengths": "expect_column_value_lengths_to_be_between",
    "greater": "expect_column_pair_values_a_to_be_greater_than_b",
    "mean": "expect_column_mean_to_be_between",
    "sum": "expect_column_sum_to_be_between",
    "max": "expect_column_max_to_be_between",
    "min": "expect_column_min_to_be_between",
    "in_table": "expect_column_values_to_exist_in_table",
    "fresh": "expect_table_to_be_fresh",
    "contiguous": "expect_intervals_to_be_contiguous",
}
BESIDE = ("severity", "why")
BATCH_ID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


def put_suite(
    table: str, short: ShortTable, contract: Located, located: Located, faults: Collector
) -> Located | None:
    """The suite's document, at the places of the short file; None, with faults, where a rule is none."""
    before = len(faults.faults)
    suite = Placed(located.file, located.at(("suite",)))
    suite.put(("table",), table, located.at(()))
    declared: list[tuple[dict[str, Any], Place]] = []
    for number, rule in enumerate(short.suite or ()):
        at = located.at(("suite", number))
        declared += [(e, at) for e in _expectations(rule, located, number, faults)]
    standard = standard_rules(table, contract.value) if short.standard_rules else []
    # A rule that the file states takes the place of the standard one, with its severity and its reason.
    left = [rule for rule in standard if not any(same_rule(rule, e) for e, _ in declared)]
    expectations = [(rule, located.at(("columns",))) for rule in left] + declared
    suite.put(("expectations",), [rule for rule, _ in expectations], located.at(("suite",)))
    for number, (rule, at) in enumerate(expectations):
        suite.located.places |= {("expectations", number): at, ("expectations", number, "kwargs"): at}
        for key in rule.get("kwargs", {}):
            suite.located.places["expectations", number, "kwargs", key] = at
    return suite.located if len(faults.faults) == before else None


def standard_rules(table: str, contract: dict[str, Any]) -> list[dict[str, Any]]:
    """What follows from the contract alone: its columns, its key, and how each row of a source got here."""
    lake, columns = contract["x-lake"], list(contract["properties"])
    ingested = table.startswith("bronze.") and lake.get("write") == "append"
    key = lake.get("primary_key", [])
    column_set = [*columns, *(name for name, _ in METADATA)] if ingested else columns
    complete = [*key, "_ingest_ts", "_source_system", "_run_date"] if ingested else key
    rules = [
        _rule("columns", {"column_set": column_set, "exact_match": True}),
        _rule("row_count", {"min_value": 1}, "warn"),
        *(_rule("not_null", {"column": column}) for column in complete),
    ]
    if ingested:
        rules.append(_rule("regex", {"column": "_batch_id", "regex": BATCH_ID}))
    elif len(key) == 1:
        rules.append(_rule("unique", {"column": key[0]}))
    elif key:
        rules.append(_rule("unique_together", {"column_list": list(key)}))
    return rules


def same_rule(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two expectations judge the same; the order of a set of columns says nothing."""
    kwargs = [dict(e.get("kwargs", {})) for e in (one, other)]
    for arguments in kwargs:
        if isinstance(arguments.get("column_set"), list):
            arguments["column_set"] = sorted(map(str, arguments["column_set"]))
    return one["type"] == other.get("type") and kwargs[0] == kwargs[1]


def _rule(name: str, kwargs: dict[str, Any], severity: str = "critical") -> dict[str, Any]:
    return {"type": RULES[name], "kwargs": kwargs, "severity": severity}


def _expectations(
    rule: dict[str, Any], located: Located, number: int, faults: Collector
) -> list[dict[str, Any]]:
    """The expectations that a rule stands for; none, with a fault, for what is no rule."""
    names = [key for key in rule if key not in BESIDE]
    if "type" in rule:
        return [{"severity": "critical", **rule}]
    if len(names) != 1 or names[0] not in RULES:
        wrong = next((name for name in names if name not in RULES), "")
        shown = f"'{wrong}' is no rule" if wrong else f"a rule of a suite has {len(names)} names"
        faults.add(
            "LK209",
            shown,
            file=located.file,
            at=located.at(("suite", number, wrong) if wrong else ("suite", number), key=True),
            wanted=f"one of {', '.join(RULES)}, beside severity and why",
            value=wrong,
            among=RULES,
        )
        return []
    name, argument = names[0], rule[names[0]]
    beside = {"severity": "critical", **{key: rule[key] for key in BESIDE if key in rule}}
    return [{"type": RULES[of], "kwargs": kwargs, **beside} for of, kwargs in _arguments(name, argument)]


def _arguments(name: str, argument: Any) -> list[tuple[str, dict[str, Any]]]:
    """(rule, kwargs): a column's name or a list of names in place of the arguments written out."""
    if isinstance(argument, dict):
        return [(name, argument)]
    if name == "unique" and isinstance(argument, list):
        return [("unique_together", {"column_list": argument})]
    if name == "unique_together":
        return [(name, {"column_list": argument})]
    if name == "columns":
        return [(name, {"column_set": argument, "exact_match": True})]
    return [(name, {"column": column}) for column in (argument if isinstance(argument, list) else [argument])]
