"""Fills the source systems of the local world with a real retailer's data. Rules: docs/sample-data.md."""

from sample_data.load import load_sample
from sample_data.summary import DirtCount, Outcome, Summary

__all__ = ["DirtCount", "Outcome", "Summary", "load_sample"]
