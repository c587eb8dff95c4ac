"""Rows and models that compute themselves, and write themselves in Python and in R."""
