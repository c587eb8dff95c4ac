"""Tests of the fixed coefficients: t and F tables, and their degrees of freedom."""
