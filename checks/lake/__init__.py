"""The platform's own checks for checkov, which imports only folders with this file."""
