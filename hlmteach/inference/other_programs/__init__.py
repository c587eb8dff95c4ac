"""The same model in statsmodels, and by the conventions of other programs."""
