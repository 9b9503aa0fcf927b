"""The systems Duet is measured against, each a function from a split to a Scorer."""
