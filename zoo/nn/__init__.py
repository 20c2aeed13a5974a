"""Neural networks on NumPy alone: layers, losses, optimizers, schedules and metrics."""
