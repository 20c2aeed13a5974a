"""Datasets, file formats, splits and augmentation."""
