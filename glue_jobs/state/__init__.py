"""State that outlives a run, in DynamoDB: leases of tables, watermarks of sources and the audit of runs."""
