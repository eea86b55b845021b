"""WHAT IS TRUE: the contract and the quality suite of every table."""

from schemas.contract import Column, Contract
from schemas.reader import Schemas, load_schemas
from schemas.suite import Expectation, Suite

__all__ = ["Column", "Contract", "Expectation", "Schemas", "Suite", "load_schemas"]
