"""Image files: decoding, and normalization to the form of the training data."""
