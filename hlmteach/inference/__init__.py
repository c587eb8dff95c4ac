"""Functions of a Fit: intervals, tests, variance, prediction, simulation. None changes it."""
