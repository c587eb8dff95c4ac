"""The widgets, one idea each: `hlm.widgets.RandomInterceptAnimator()` in a notebook's cell."""

from importlib import import_module

# Each widget's module is imported when the widget is first asked for.
HOMES = {
    "RandomInterceptAnimator": "random_intercept",
}

__all__ = list(HOMES)


def __getattr__(name):
    if name not in HOMES:
        known = ", ".join(HOMES)
        raise AttributeError(f"there is no widget {name!r}; there are: {known}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)


def __dir__():
    return sorted(__all__)
