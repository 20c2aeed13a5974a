"""Entries that train in a second, for `zoo tune` and `zoo ablate`."""

TUNED = """
name = "own"
summary = "Trains in a second."
data = { kind = "digits", split = { test = 360, seed = 42 } }
preprocess = { divide = 16 }
network = { hidden = [10] }
train = { epochs = 3, batch = 16, rate = 0.1, weights = "he" }
"""
SPACE = ("--space", "train.rate=log:0.01..1", "--space", "network.hidden=8,16")

ABLATED = """
name = "own"
summary = "Trains in a second."
data = { kind = "digits", split = { test = 360, seed = 42 } }
preprocess = { divide = 16, mean = 0.3 }
network = { hidden = [10] }

[train]
epochs = 3
batch = 16
rate = 0.1
weights = "he"
augment = [{ kind = "shift", pixels = 0.5 }]
"""
WITHOUT = {"standardized pixels", "shift (pixels 0.5)", "He initialization"}
