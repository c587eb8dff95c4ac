"""The criterion with one parameter held still, least over all others, and where it rises."""
