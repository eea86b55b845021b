"""Each step of the engine against a bare hand-written Spark script that writes the same table."""
