"""Finds the columns that tell rows apart, and the one that says which row of a key is newer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from cli.onboard.profile import Profile
from cli.onboard.sample import Sample

# Columns of a key, and columns of which pairs and triples are tried.
_LARGEST_KEY, _MOST_TRIED = 3, 8
_CHANGED = ("updated", "modified", "changed", "last_update", "version", "published", "loaded", "created")


def key_of(sample: Sample, profiles: Sequence[Profile]) -> tuple[list[str], bool]:
    """(the columns of the key, whether they tell all rows apart): the fewest, ids before others."""
    usable = [p for p in profiles if not p.nullable and p.type not in ("double", "boolean")]
    ranked = sorted(usable, key=lambda p: (not _names_a_key(p.name), -p.distinct))
    single = next((p for p in ranked if p.distinct == p.values), None)
    if single:
        return [single.name], True
    tried = ranked[:_MOST_TRIED]
    position = {profile.name: number for number, profile in enumerate(profiles)}
    for size in range(2, _LARGEST_KEY + 1):
        for columns in combinations(tried, size):
            numbers = [position[column.name] for column in columns]
            if len({tuple(row[n] for n in numbers) for row in sample.rows}) == len(sample.rows):
                return sorted((column.name for column in columns), key=position.__getitem__), True
    return [ranked[0].name if ranked else profiles[0].name], False


def _names_a_key(name: str) -> bool:
    return name in ("id", "key", "uuid", "guid") or name.endswith(("_id", "_key", "_number", "_no", "_uuid"))


def sequence_of(profiles: Sequence[Profile]) -> str | None:
    """A time without nulls whose name says that it is the time of a change."""
    times = [p.name for p in profiles if p.type in ("timestamp", "date") and not p.nullable]
    return next((name for word in _CHANGED for name in times if word in name), None)
