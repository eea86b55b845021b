"""Checks of our own for checkov, which imports only folders with this file."""
