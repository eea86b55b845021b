"""S3 Batch Operations: jobs that copy existing objects by the replication rules of their bucket."""
