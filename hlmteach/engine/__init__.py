"""The engine: a formula and a table in, a fitted model out (numpy, scipy and pandas only).

Read it in this order: `formula`, `frame`, `crossprod`, `problem`, `derivatives`, `deviance`,
`optimise`, `solve`, `fit`; then `blocks` (several factors) and `chunks` (tables beyond memory).
"""
