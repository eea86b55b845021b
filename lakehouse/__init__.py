"""A lakehouse project as typed objects: its environments, contracts, pipelines and access rules."""

__version__ = "1.0.0"
