"""The commands of a runbook's page, in the order in which a person at night reads them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from lakehouse.project import project_root

_BLOCK = re.compile(r"```sh\n(.*?)```|`(lakehouse [^`\n]*)`", re.DOTALL)


def commands_of(page: str, names: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Words of each `lakehouse` command, without the program's name.

    `names`: words of the page → those of the world in which it is followed. Commands in sentences count too,
    when they say an environment: others are names of commands.
    """
    text = (project_root() / "docs" / "runbooks" / f"{page}.md").read_text(encoding="utf-8")
    lines = [line for block in _BLOCK.findall(text) for line in (block[0] or block[1]).splitlines()]
    words = [shlex.split(line) for line in lines if line.startswith("lakehouse ")]
    return [tuple(names.get(word, word) for word in of[1:]) for of in words if "--env" in of]
