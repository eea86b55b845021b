"""Landing files with columns and types of their own: Parquet and Avro."""
