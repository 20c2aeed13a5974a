"""Bundles: a model packed as one file or folder that runs without packages, and verified."""
