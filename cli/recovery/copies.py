"""Cuts copies of the second region back to their newest complete version, and raises watermarks to them."""

from __future__ import annotations

from collections.abc import Sequence

from cli.operations.audit import actor
from cli.recovery.dr import Copy
from cli.recovery.marks import marks_behind, watermarks_of
from cli.recovery.region import Region
from cli.recovery.restore_log import delete_log
from cli.recovery.restore_watermarks import set_watermark
from glue_jobs.errors import RunError
from glue_jobs.state.operations import audited

VERB = "dr_cut"


def cut(second: Region, copies: Sequence[Copy]) -> list[tuple[str, int, int]]:
    """Cuts what is not whole, and raises watermarks: (key, number before, number after) of each.

    Deleted commits stay as old versions of their objects. Killed, it is started again. Raises RunError
    (RUN659) for a copy that has no complete version.
    """
    lost = [copy.table for copy in copies if copy.newest is not None and copy.complete is None]
    if lost:
        raise RunError(
            f"no version of {', '.join(lost)} has arrived whole: restore it from an export (`lakehouse dr "
            "restore`), or make it again from the layer below",
            code="RUN659",
        )
    env = second.env
    action = {copy.table: copy.complete for copy in copies if not copy.whole}
    marks = watermarks_of(env)
    with audited(env, VERB, {"tables": action}, by=actor(env)):
        for copy in copies:
            if not copy.whole:
                delete_log(second, copy.table, after=-1 if copy.complete is None else copy.complete)
        behind = list(marks_behind(marks, (copy.batches for copy in copies)))
        for key, _, written in behind:
            # The position stays: the rows since the backup are read once more.
            set_watermark(second, key, marks[key].position, written)
    return behind
