"""What was measured and what ships: the results of the built-in entries."""
