"""Pages that show what was found: one of a model, one of a comparison."""
