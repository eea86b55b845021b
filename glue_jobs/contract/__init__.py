"""Checks rows against their contract: aligns them by name, applies every rule, adds where they came from."""

from glue_jobs.contract.align import align_to_schema
from glue_jobs.contract.mask import masked
from glue_jobs.contract.metadata import add_metadata_columns
from glue_jobs.contract.validate import FlaggedRows, ValidatedRows, validate_and_quarantine

__all__ = [
    "FlaggedRows",
    "ValidatedRows",
    "add_metadata_columns",
    "align_to_schema",
    "masked",
    "validate_and_quarantine",
]
