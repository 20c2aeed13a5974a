"""An entry that trains in a moment, and what `zoo tune` may choose of it."""

OWN = """
name = "own"
summary = "Trains in a moment."
data = { kind = "digits", split = { test = 360, seed = 42 } }
preprocess = { divide = 16 }
network = { hidden = [10] }
train = { epochs = 3, batch = 16, rate = 0.1, weights = "he" }
"""
SPACE = ("--space", "train.rate=log:0.01..1", "--space", "network.hidden=8,16")
