"""`lakehouse contracts`: the forms of a contract."""
