"""WHO MAY SEE: tags, grants and row filters."""
