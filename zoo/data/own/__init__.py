"""Data in files of the user's: tables, folders of images, IDX and NumPy files."""
