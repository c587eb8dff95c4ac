"""Stage: a matplotlib Figure whose moving artists the browser draws and tweens."""

from .stage import Stage

__all__ = ["Stage"]
