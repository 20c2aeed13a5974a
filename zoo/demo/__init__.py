"""The drawing page: draw a digit and see the predictions of several networks."""
