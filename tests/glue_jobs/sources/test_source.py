"""A table without a source cannot be ingested."""

from __future__ import annotations

import pytest

from glue_jobs.sources.source import SourceError, require_source
from tests.glue_jobs.builders import contract


def test_a_contract_without_a_source_is_an_error_that_names_the_table() -> None:
    with pytest.raises(SourceError, match=r"RUN106 silver\.things: its contract names no source"):
        require_source(contract())
