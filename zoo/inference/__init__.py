"""Predictions of a named model, for one image or for many in distributed chunks."""
