"""The mathematics: layers, losses, optimizers and schedules on NumPy and nothing else."""
