"""A run: which cells, in which order, on which inputs, and where their results go."""
