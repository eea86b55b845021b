"""Writes the short contract of a sample, with a comment wherever a person must decide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cli.onboard.boolean_words import with_words
from cli.onboard.keys import key_of, sequence_of
from cli.onboard.number_style import with_plain_numbers
from cli.onboard.personal import pii_of
from cli.onboard.profile import Profile, profile
from cli.onboard.sample import OnboardError, Origin, Sample, StatedType
from lakehouse.contracts.consistency import MAX_NAME, SYSTEM_COLUMNS
from lakehouse.contracts.contract import METADATA
from lakehouse.contracts.short.column_line import write_line
from lakehouse.contracts.short.shorten import short_yaml


@dataclass(frozen=True)
class Onboarded:
    """A contract's text, and what of it a person must decide, a sentence each."""

    text: str
    doubts: tuple[str, ...]


def contract_text(sample: Sample, table: str, owner: str, origin: Origin) -> Onboarded:
    """The short contract and its suite. Every value of the sample keeps it, but for broken records."""
    sample = with_plain_numbers(sample)
    named = _names(sample.columns, origin.columns)
    columns = list(zip(*sample.rows, strict=True))
    profiles = [
        _profile(sample, origin, name, original, values)
        for (name, original), values in zip(named.items(), columns, strict=True)
    ]
    nulls = tuple(dict.fromkeys(word for p in profiles for word in p.nulls))
    profiles = [_with_nulls(p, values, nulls) for p, values in zip(profiles, columns, strict=True)]
    key, doubts = _key(sample, origin, named, profiles)
    sequence = origin.head.get("sequence") or sequence_of(profiles)
    if origin.kind == "snowflake" and sequence is None:
        sequence, doubt = _watermark(profiles, origin)
        doubts.append(doubt)
    profiles = [
        _with_nullability(p, sample.types.get(original), required={*key, sequence})
        for p, original in zip(profiles, named.values(), strict=True)
    ]
    booleans = [vs for p, vs in zip(profiles, columns, strict=True) if p.type == "boolean"]
    head = _head(with_words(sample.form, nulls, booleans), owner, origin, sequence)
    if len(key) > 1:
        head["key"] = key
    tags = [
        pii_of(p.name, [v for v in dict.fromkeys(vs) if v]) for p, vs in zip(profiles, columns, strict=True)
    ]
    doubts += _doubts_of_table(sample, origin)
    lines, all_doubts = [short_yaml(head), "columns:\n"], list(doubts)
    for p, (name, original), pii in zip(profiles, named.items(), tags, strict=True):
        line, more = _column(p, original, pii, origin, is_key=[p.name] == key)
        lines += [f"  # decide: {doubt}\n" for doubt in more]
        lines.append(_indented({name: line}))
        all_doubts += [f"{name}: {doubt}" for doubt in more]
    lines += [_indented({name: write_line(words) or words}) for name, words in origin.columns.items()]
    rules = _rules([p for p, pii in zip(profiles, tags, strict=True) if pii == "none"])
    lines += [short_yaml({"suite": rules})] if rules else []
    comments = "".join(f"# decide: {doubt}\n" for doubt in doubts)
    return Onboarded(comments + "".join(lines), tuple(all_doubts))


def _profile(
    sample: Sample, origin: Origin, name: str, original: str, values: Sequence[str | None]
) -> Profile:
    kinds, stated = frozenset(sample.json_types.get(original, ())), sample.types.get(original)
    dated = origin.kind == "landing"
    return profile(name, values, kinds, stated, null_words=sample.null_words, date_formats=dated)


def _key(
    sample: Sample, origin: Origin, named: Mapping[str, str], profiles: Sequence[Profile]
) -> tuple[list[str], list[str]]:
    """(the key, doubts of it): that of the origin, of the source, or what tells the sample's rows apart."""
    if stated := origin.head.get("key"):
        return list(stated), []
    names = {original: name for name, original in named.items()}
    if sample.key:
        return [names[original] for original in sample.key], []
    key, unique = key_of(sample, profiles)
    guess = f"no column or pair tells the rows apart; the key {', '.join(key)} is a guess"
    return key, [] if unique else [guess]


def _watermark(profiles: Sequence[Profile], origin: Origin) -> tuple[str, str]:
    """(a time by which the newest rows are read, the doubt). Raises OnboardError where there is none."""
    times = [p for p in profiles if p.type == "timestamp"]
    if not times:
        raise OnboardError(
            f"{origin.object} has no time by which an ingest could tell what is new; "
            "wanted a timestamp column, such as updated_at"
        )
    name = next((p.name for p in times if not p.nullable), times[0].name)
    return name, f"no column's name says when a row changed; what is new is told by {name}, a guess"


def _with_nullability(of: Profile, stated: StatedType | None, *, required: set[str | None]) -> Profile:
    if of.name in required:
        return replace(of, nullable=False)
    return replace(of, nullable=of.nullable or bool(stated and stated.nullable))


def _names(originals: Sequence[str], beside: Iterable[str]) -> dict[str, str]:
    """Column → its name at the source; a name that two would have gets a number."""
    taken = {name for name, _ in METADATA} | set(SYSTEM_COLUMNS) | set(beside)
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


def _doubts_of_table(sample: Sample, origin: Origin) -> list[str]:
    doubts = []
    if sample.broken:
        doubts.append(f"{sample.broken} records of {origin.noun} are broken: they go to quarantine")
    if not sample.whole:
        doubts.append(f"only {len(sample.rows)} rows were read: the key and the bounds may not hold")
    return [*doubts, *sample.doubts]


def _head(form: Mapping[str, Any], owner: str, origin: Origin, sequence: str | None) -> dict[str, Any]:
    head: dict[str, Any] = {
        "description": origin.rows,
        "owner": owner,
        "source": {"kind": origin.kind, "object": origin.object, **form},
    }
    return head | ({"sequence": sequence} if sequence else {}) | origin.head


def _column(
    of: Profile, original: str, pii: str, origin: Origin, *, is_key: bool
) -> tuple[str | dict[str, Any], list[str]]:
    """(the column, as a line where one holds it; its doubts)."""
    words: dict[str, Any] = {"type": of.type + ("?" if of.nullable else "")}
    doubts = list(of.doubts)
    if is_key:
        words["key"] = True
    # The names of a warehouse are the same in either case.
    if original != (of.name.upper() if origin.kind == "snowflake" else of.name):
        words["source"] = original
    if of.date_format:
        words["date_format"] = of.date_format
    words["tags"] = {"pii": pii}
    if pii != "none":
        # A hash is text: a column of another type could not hold it.
        words["mask"] = "hash" if of.type == "string" else "clear"
        doubts.append(f"it looks like personal data ({pii}); it is kept as {words['mask']}")
    words["description"] = f"{original} of {origin.noun}."
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
