"""A page to take away: draw a digit, and watch what networks make of it."""
