"""New outcomes from a fit, models with chosen parameters, and many outcomes fitted at once."""
