"""The systems that Duet is compared with, each a function from a split to a Scorer."""
