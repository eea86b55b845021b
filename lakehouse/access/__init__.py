"""Who may see what: tags, grants and row filters."""

from lakehouse.access.model import Policy
from lakehouse.access.reader import load_policy

__all__ = ["Policy", "load_policy"]
