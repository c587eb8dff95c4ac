"""Confidence intervals for every parameter, and the whole profile of each."""
