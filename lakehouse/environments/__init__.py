"""Environments: what differs between local, dev, staging and prod, and every physical name."""

from lakehouse.environments.model import Environment
from lakehouse.environments.reader import load_environment

__all__ = ["Environment", "load_environment"]
