"""`lakehouse …`: thin verbs, each importing only the room it needs."""
