"""Reads the lines that Terraform prints: what is done, what is slow, what would change, and errors whole."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

_BEGUN = re.compile(r"^(\S+): (?:Creating|Modifying|Destroying|Importing|Reading)\.\.\.")
_ENDED = re.compile(r"^(\S+): (Creation|Modifications|Destruction|Import|Read) complete after (\S+)")
_IMPORTED = re.compile(r"^(\S+): Import prepared!")
_PLANNED = re.compile(
    r"^  # (\S+) .*?(?:will be (created|updated in-place|destroyed|imported|replaced)|must be (replaced))"
)
_REFRESHED = ": Refreshing state..."
_RESULT = re.compile(r"^(?:Plan: |No changes\.|Apply complete!|Destroy complete!|Import successful!)")
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_SLOW = 10.0
_NAMED = 3


@dataclass
class TerraformProgress:
    """What the lines so far say. `planned`: addresses by what happens to them; `took`: seconds by address."""

    planned: dict[str, list[str]] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)
    results: list[str] = field(default_factory=list)
    warnings: int = 0
    refreshed: int = 0
    _begun: dict[str, float] = field(default_factory=dict)
    _message: list[str] | None = None

    def read(self, line: str) -> list[str]:
        """Takes one line in. The lines that a person must see now: an error, once it is whole."""
        text = line.rstrip("\n")
        if self._message is not None or text.startswith(("╷", "Error: ")):
            return self._read_message(text)
        if match := _PLANNED.match(text):
            self.planned.setdefault(match[2] or match[3], []).append(match[1])
        elif match := _ENDED.match(text):
            self._begun.pop(match[1], None)
            self.took[match[1]] = _seconds(match[3])
        elif match := _IMPORTED.match(text):
            self._begun.pop(match[1], None)
        elif match := _BEGUN.match(text):
            self._begun[match[1]] = time.monotonic()
        elif _REFRESHED in text:
            self.refreshed += 1
        elif _RESULT.match(text):
            self.results.append(text)
        return []

    def rest(self) -> list[str]:
        """An error that the end of the output has cut off."""
        return self._shown_message()

    def status(self) -> str:
        """`120 done, 30 in work; for the longest time aws_mwaa_environment.airflow (140 s)`."""
        if not self.took and not self._begun:
            return f"the state of {self.refreshed} resources is read"
        now = time.monotonic()
        slow = sorted(((now - begun, address) for address, begun in self._begun.items()), reverse=True)
        named = ", ".join(f"{address} ({age:.0f} s)" for age, address in slow[:_NAMED] if age >= _SLOW)
        counts = f"{len(self.took)} done, {len(self._begun)} in work"
        return f"{counts}; for the longest time {named}" if named else counts

    def changes(self) -> Iterator[str]:
        """The plan in short: created resources counted by type, all others by address."""
        for action, addresses in self.planned.items():
            if action == "created":
                types = Counter(address.rpartition(".")[0].rpartition(".")[2] for address in addresses)
                yield f"created: {', '.join(f'{number} {kind}' for kind, number in sorted(types.items()))}"
            else:
                yield from (f"{action}: {address}" for address in addresses)

    def slowest(self) -> str:
        """The resources that took longest, for the last line; empty when none took long."""
        slow = sorted(((took, address) for address, took in self.took.items() if took >= _SLOW), reverse=True)
        return ", ".join(f"{address} {took:.0f} s" for took, address in slow[:_NAMED])

    def _read_message(self, text: str) -> list[str]:
        """Errors and warnings stand in a frame; without one, an error goes on to the end of the output."""
        if self._message is None:
            self._message = []
        self._message.append(text)
        return self._shown_message() if text.startswith("╵") else []

    def _shown_message(self) -> list[str]:
        lines, self._message = self._message or [], None
        if not any("Error: " in line for line in lines[:2]):
            self.warnings += bool(lines)
            return []
        return lines


def _seconds(text: str) -> float:
    """Seconds of Terraform's `1h2m3s`."""
    match = _DURATION.match(text)
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    return float(hours * 3600 + minutes * 60 + seconds)
