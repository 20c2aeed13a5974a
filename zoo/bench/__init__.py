"""The same work in zoo's own core and in other people's hands, timed in one run."""
