"""A model by name, and its predictions for one image or for many, in chunks and over workers."""
