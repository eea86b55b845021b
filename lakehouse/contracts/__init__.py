"""WHAT IS TRUE: the contract and the quality suite of every table."""

from lakehouse.contracts.contract import Column, Contract
from lakehouse.contracts.reader import Schemas, load_schemas
from lakehouse.contracts.suite import Expectation, Suite

__all__ = ["Column", "Contract", "Expectation", "Schemas", "Suite", "load_schemas"]
