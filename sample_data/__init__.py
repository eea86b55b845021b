"""Fills the source systems of the local platform with a real retailer's data. Rules: docs/sample-data.md.

The platform loads `SETS` and `load_sample` from here for `lakehouse sample load` and `lakehouse demo`.
"""

from sample_data.load import SETS, load_sample
from sample_data.summary import DirtCount, Outcome, Summary

__all__ = ["SETS", "DirtCount", "Outcome", "Summary", "load_sample"]
