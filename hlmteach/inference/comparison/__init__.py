"""Fits compared: what is nested in what, likelihood ratios, information criteria."""
