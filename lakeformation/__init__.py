"""WHO MAY SEE: tags, grants and row filters."""

from lakeformation.model import Policy
from lakeformation.reader import load_policy

__all__ = ["Policy", "load_policy"]
