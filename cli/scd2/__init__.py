"""Dimensions that keep the versions of a key (SCD type 2)."""
