"""WHICH world: what differs between local, dev, staging and prod, and every physical name."""

from environments.model import Environment
from environments.reader import load_environment

__all__ = ["Environment", "load_environment"]
