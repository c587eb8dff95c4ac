"""The engine: a formula and a table in, a fitted model out (numpy, scipy and pandas only).

Read it in this order: `formula`, `crossprod`, `covariance`, `deviance`, `optimise`, `fit`.
"""
