"""Damaged files and hostile input, from a seed."""
