"""Writes the short contract of a sample, with a comment wherever a person must decide."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from cli.onboard.files import Sample
from cli.onboard.keys import key_of, sequence_of
from cli.onboard.personal import pii_of
from cli.onboard.profile import Profile, profile
from lakehouse.contracts.consistency import MAX_NAME, SYSTEM_COLUMNS
from lakehouse.contracts.contract import METADATA
from lakehouse.contracts.short.column_line import write_line
from lakehouse.contracts.short.shorten import short_yaml


@dataclass(frozen=True)
class Onboarded:
    """A contract's text, and what of it a person must decide, a sentence each."""

    text: str
    doubts: tuple[str, ...]


def contract_text(sample: Sample, table: str, owner: str, source_object: str) -> Onboarded:
    """The short contract and its suite. Every value of the sample keeps it, but for broken records."""
    named = _names(sample.columns)
    columns = list(zip(*sample.rows, strict=True))
    profiles = [
        profile(name, values, frozenset(sample.json_types.get(original, ())))
        for (name, original), values in zip(named.items(), columns, strict=True)
    ]
    nulls = tuple(dict.fromkeys(word for p in profiles for word in p.nulls))
    profiles = [_with_nulls(p, values, nulls) for p, values in zip(profiles, columns, strict=True)]
    key, unique = key_of(sample, profiles)
    profiles = [replace(p, nullable=False) if p.name in key else p for p in profiles]
    table_doubts = _doubts_of_table(sample, key, unique=unique)
    sequence = sequence_of(profiles)
    head = _head(sample, table, owner, source_object, nulls, sequence)
    if len(key) > 1:
        head["key"] = key
    tags = [
        pii_of(p.name, [v for v in dict.fromkeys(vs) if v]) for p, vs in zip(profiles, columns, strict=True)
    ]
    lines, doubts = [short_yaml(head), "columns:\n"], list(table_doubts)
    for p, (name, original), pii in zip(profiles, named.items(), tags, strict=True):
        line, more = _column(p, original, pii, is_key=[p.name] == key)
        lines += [f"  # decide: {doubt}\n" for doubt in more]
        lines.append(_indented({name: line}))
        doubts += [f"{name}: {doubt}" for doubt in more]
    rules = _rules([p for p, pii in zip(profiles, tags, strict=True) if pii == "none"])
    lines += [short_yaml({"suite": rules})] if rules else []
    comments = "".join(f"# decide: {doubt}\n" for doubt in table_doubts)
    return Onboarded(comments + "".join(lines), tuple(doubts))


def _names(originals: Sequence[str]) -> dict[str, str]:
    """Column → its name in the files; a name that two would have gets a number."""
    taken = {name for name, _ in METADATA} | set(SYSTEM_COLUMNS)
    names: dict[str, str] = {}
    for original in originals:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", original.strip())
        plain = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[: MAX_NAME - 4] or "column"
        name = plain if plain[0].isalpha() else f"c_{plain}"
        number = 2
        base = name
        while name in names or name in taken:
            name, number = f"{base}_{number}", number + 1
        names[name] = original
    return names


def _with_nulls(of: Profile, values: Sequence[str | None], nulls: tuple[str, ...]) -> Profile:
    """The profile of a column in which the words for null of other columns are null too."""
    touched = [word for word in nulls if word not in of.nulls and word in values]
    if not touched:
        return of
    doubt = f"'{touched[0]}' is null here too, as in other columns of the files"
    return replace(of, nullable=True, doubts=(*of.doubts, doubt))


def _doubts_of_table(sample: Sample, key: list[str], *, unique: bool) -> list[str]:
    doubts = []
    if not unique:
        doubts.append(f"no column or pair tells the rows apart; the key {', '.join(key)} is a guess")
    if sample.broken:
        doubts.append(f"{sample.broken} records of the files are broken: the ingest quarantines them")
    if not sample.whole:
        doubts.append(
            f"only the first {len(sample.rows)} rows were read: the key and the bounds may not hold"
        )
    if sample.csv.encoding != "utf-8":
        doubts.append(
            f"the files are not UTF-8; {sample.csv.encoding} is a guess: look at letters with accents"
        )
    return doubts


def _head(
    sample: Sample,
    table: str,
    owner: str,
    source_object: str,
    nulls: tuple[str, ...],
    sequence: str | None,
) -> dict[str, Any]:
    usual = {"delimiter": ",", "encoding": "utf-8"}
    form: dict[str, Any] = {k: v for k, v in sample.csv.model_dump().items() if k in usual and v != usual[k]}
    if nulls:
        form["nulls"] = list(nulls)
    source: dict[str, Any] = {"kind": "landing", "object": source_object, "format": sample.format}
    head: dict[str, Any] = {
        "description": f"Rows of the files below {source_object}/, as they are.",
        "owner": owner,
        "source": {**source, "csv": form} if form else source,
    }
    return head | ({"sequence": sequence} if sequence else {})


def _column(of: Profile, original: str, pii: str, *, is_key: bool) -> tuple[str | dict[str, Any], list[str]]:
    """(the column, as a line where one holds it; its doubts)."""
    words: dict[str, Any] = {"type": of.type + ("?" if of.nullable else "")}
    doubts = list(of.doubts)
    if is_key:
        words["key"] = True
    if original != of.name:
        words["source"] = original
    words["tags"] = {"pii": pii}
    if pii != "none":
        # A hash is text: a column of another type could not hold it.
        words["mask"] = "hash" if of.type == "string" else "clear"
        doubts.append(f"it looks like personal data ({pii}); it is kept as {words['mask']}")
    words["description"] = f"{original} of the files."
    return write_line(words) or words, doubts


def _rules(profiles: Sequence[Profile]) -> list[dict[str, Any]]:
    """What the values were like, as warnings: new values are news, not faults."""
    rules: list[dict[str, Any]] = []
    for p in profiles:
        if p.few:
            rules.append({"in_set": {"column": p.name, "value_set": list(p.few)}, "severity": "warn"})
        elif p.low is not None and p.high is not None and not p.name.endswith("id"):
            bounds = {"min_value": _number(p.low), "max_value": _number(p.high)}
            rules.append({"between": {"column": p.name, **bounds}, "severity": "warn"})
    return rules


def _number(text: str) -> int | float:
    return int(text) if re.fullmatch(r"-?[0-9]+", text) else float(text)


def _indented(column: dict[str, Any]) -> str:
    return "".join(f"  {line}\n" for line in short_yaml(column).splitlines())
