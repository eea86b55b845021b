"""Fills the source systems of the local world with a real retailer's data. Rules: docs/sample-data.md."""

from local_aws.sample.load import load_sample
from local_aws.sample.summary import DirtCount, Outcome, Summary

__all__ = ["DirtCount", "Outcome", "Summary", "load_sample"]
