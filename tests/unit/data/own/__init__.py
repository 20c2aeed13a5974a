"""Data in files of the user's."""
