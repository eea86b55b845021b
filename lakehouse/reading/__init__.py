"""How every fact file is read: with positions, against one typed model, all faults at once."""
