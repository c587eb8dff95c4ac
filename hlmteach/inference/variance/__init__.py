"""Where the variance lies: intraclass correlation, explained variance, partial pooling."""
