"""The embedded Lambda: a deployed function runs in a process of its own, when a rule or a caller asks."""
