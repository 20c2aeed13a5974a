"""From an entry and its data to a trained network, and the run folder that records it."""
