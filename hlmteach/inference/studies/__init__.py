"""Studies repeated by simulation: coverage, power and false positives."""
