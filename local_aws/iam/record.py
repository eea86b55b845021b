"""What roles have used of their rights, and what was refused: a file of JSON lines, each thing once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from local_aws.iam.actions import Action
from local_aws.iam.decision import Decision


@dataclass(frozen=True)
class Entry:
    """A use of `policy`'s statement `sid`, or, with a `message`, a refusal."""

    role: str
    action: str
    resource: str
    policy: str = ""
    sid: str = ""
    message: str = ""


def record_file(data: Path) -> Path:
    """The file in the folder of a platform's data."""
    return data / "iam.jsonl"


class Record:
    """`file` is None where nothing is kept."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._noted: set[tuple[str, ...]] = set()
        self._lock = threading.Lock()

    def allowed(self, role: str, action: Action, decision: Decision) -> None:
        for policy, sid in decision.grants:
            self._note(
                (role, policy, sid, action.name), Entry(role, action.name, action.resource, policy, sid)
            )

    def refused(self, role: str, action: Action, message: str) -> None:
        entry = Entry(role, action.name, action.resource, message=message)
        self._note((role, action.name, action.resource, message), entry)

    def _note(self, identity: tuple[str, ...], entry: Entry) -> None:
        with self._lock:
            if identity in self._noted or self._file is None:
                return
            self._noted.add(identity)
            with self._file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(asdict(entry)) + "\n")


def entries(file: Path) -> Iterator[Entry]:
    """What was noted; nothing when no role has called yet."""
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            yield Entry(**json.loads(line))
