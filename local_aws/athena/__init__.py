"""Athena that answers: queries in its SQL over the Delta tables of the Glue catalog."""
