"""The codes of commands that move positions, read days again, or bring tables back (RUN600 and on)."""

from __future__ import annotations

COMMAND_TITLES: dict[str, str] = {
    "RUN600": "a watermark cannot stand at a position",
    "RUN601": "a run has not done what is to be undone",
    "RUN602": "a backfill stopped",
    "RUN603": "there is no such backfill",
}
