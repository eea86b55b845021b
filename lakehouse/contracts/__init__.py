"""Contracts and quality suites: what is true of every table."""

from lakehouse.contracts.contract import Column, Contract
from lakehouse.contracts.reader import Schemas, load_schemas
from lakehouse.contracts.sourced_contract import SourcedContract
from lakehouse.contracts.suite import Expectation, Suite

__all__ = ["Column", "Contract", "Expectation", "Schemas", "SourcedContract", "Suite", "load_schemas"]
