"""A model as one file that runs anywhere: packed with a reader of pictures, and verified."""
