"""What a local world keeps over a restart: buckets, catalog, control tables and keys, in a folder."""
