"""Parses YAML so that every value remembers its line and column."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from lakehouse.reading.core_schema import InexactNumberError, plain_value
from lakehouse.reading.faults import Collector
from lakehouse.reading.jsontext import Loc, Place, place_of
from lakehouse.reading.location import MOST_NESTED, Located, note_depth, note_inexact, note_twice

# What no text of YAML may hold.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def parse_tree(text: str, file: Path, faults: Collector) -> Located | None:
    """The tree of one document of YAML 1.2, or of JSON; None, and faults, for anything else."""
    if unprintable := _UNPRINTABLE.search(text):
        message = f"is not YAML: the character U+{ord(unprintable[0]):04X}"
        at = place_of(text, unprintable.start())
        faults.add("LK002", message, file=file, at=at, wanted="text; an escape in double quotes")
        return None
    try:
        if not _walkable(text, file, faults):
            return None
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
        walk = _Walk(Located(file, None), faults)
        walk.located.value = walk.value(root, ()) if root else None
        return walk.located
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark
        at = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        faults.add("LK002", f"is not YAML: {e.problem}", file=file, at=at, wanted="valid YAML")
    except (yaml.YAMLError, ValueError) as e:
        faults.add("LK002", f"is not YAML: {e}", file=file, wanted="valid YAML")
    return None


def _walkable(text: str, file: Path, faults: Collector) -> bool:
    """Whether a tree is not too deep and has no tag, which may name code, and no alias, which may repeat its
    anchor a billion times. Events come one by one, so this cannot overflow.
    """
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        at = _place(event)
        if isinstance(event, yaml.AliasEvent):
            faults.add(
                "LK009",
                f"uses the alias '*{event.anchor}'",
                file=file,
                at=at,
                wanted="the value written out",
                value=event.anchor,
            )
            return False
        if isinstance(event, yaml.DocumentStartEvent) and event.version not in (None, (1, 2)):
            stated = ".".join(map(str, event.version or ()))
            faults.add("LK002", f"states YAML {stated}", file=file, at=at, wanted="YAML 1.2", value=stated)
            return False
        tag = getattr(event, "tag", None)
        if tag:
            message, expected = f"uses the tag '{tag}'", "a value without a tag"
            faults.add("LK002", message, file=file, at=at, wanted=expected, value=tag)
            return False
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_NESTED:
            note_depth(file, at, faults)
            return False
    return True


class _Walk:
    """Turns nodes into values and notes where each stands."""

    def __init__(self, located: Located, faults: Collector) -> None:
        self.located, self.faults = located, faults

    def value(self, node: yaml.Node, loc: Loc) -> Any:
        self.located.places[loc] = _place(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*loc, i)) for i, item in enumerate(node.value)]
        return self.mapping(node, loc) if isinstance(node, yaml.MappingNode) else self.scalar(node)

    def mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[Any, Any]:
        out: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key, location = self.key(key_node), _place(key_node)
            if key in out:
                note_twice(str(key), self.located.file, location, self.faults)
            self.located.keys[(*loc, key)] = location
            out[key] = self.value(value_node, (*loc, key))
        return out

    def key(self, node: yaml.Node) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            raise yaml.MarkedYAMLError(problem="a key is a list or a mapping", problem_mark=node.start_mark)
        if node.value == "<<" and not node.style:
            message, expected = "uses the merge key '<<'", "the keys written out"
            faults = self.faults
            faults.add("LK009", message, file=self.located.file, at=_place(node), wanted=expected, value="<<")
        return self.scalar(node)

    def scalar(self, node: yaml.Node) -> Any:
        if not isinstance(node, yaml.ScalarNode) or node.style:
            return str(node.value)
        try:
            # Dates stay text: models type them.
            return plain_value(str(node.value))
        except InexactNumberError as error:
            note_inexact(str(error), self.located.file, _place(node), self.faults)
            return 0.0
        except ValueError as e:
            raise yaml.MarkedYAMLError(problem=str(e), problem_mark=node.start_mark) from e


def _place(part: yaml.Node | yaml.Event) -> Place:
    mark = part.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)
