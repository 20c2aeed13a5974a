"""Swish and Lion for zoo."""
