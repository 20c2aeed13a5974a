"""Images of any kind, read and brought to the form of the training data."""
