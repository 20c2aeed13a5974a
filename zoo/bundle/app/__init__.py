"""What is packed into a bundle: Python 3.9 and its standard library, and nothing else."""
