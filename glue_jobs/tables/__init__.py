"""The only code that touches Delta."""
