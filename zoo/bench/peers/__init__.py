"""Who does the same work: each as its own users would write it, at its best."""
