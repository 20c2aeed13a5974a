"""Training scripts without zoo, which `zoo bench train` runs."""
