"""Trainings as somebody would write them without zoo: whole scripts, run by `zoo bench train`."""
