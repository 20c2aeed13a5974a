"""Training: from an entry and its data to a network, recorded in a run folder."""
