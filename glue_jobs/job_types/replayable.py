"""Which tables take single rows that were rejected before."""

from __future__ import annotations

from glue_jobs.errors import RunError
from lakehouse.contracts import Contract


def require_replayable(contract: Contract) -> None:
    """Raises RunError (RUN631) for a table that no single row can be written to."""
    lake = contract.lake
    if lake.store != "delta":
        reason = "lies in the Lakebase: send the mended message to its topic, then discard the row"
    elif lake.write == "merge" and not lake.sequence:
        reason = "has no sequence that says which of two rows of a key is newer: mend what its job reads"
    elif lake.write in ("append", "merge"):
        return
    else:
        reason = (
            f"is written by {lake.write}, from its inputs alone: mend these, then run its job with "
            "--full-refresh, and discard the rows"
        )
    raise RunError(f"{contract.table} takes no single rows: it {reason}", code="RUN631")
