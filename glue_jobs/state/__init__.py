"""What the platform remembers between runs: who may write a table, how far each source was read, and what every run did."""
