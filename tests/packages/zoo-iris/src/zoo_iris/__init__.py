"""Fisher's irises for zoo."""
