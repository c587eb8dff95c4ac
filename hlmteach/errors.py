"""Errors that speak to a student: what was wrong, the value seen, and what to do."""


class HLMError(ValueError):
    """The base of every error that hlmteach raises on purpose."""


class DataError(HLMError):
    """Something is wrong with the table: a column, a value, a file."""


class FormulaError(HLMError):
    """A formula that cannot be read, or that names what the data do not have."""


class ModelError(HLMError):
    """A model that cannot be fitted, compared or asked for what was asked."""


class HLMWarning(UserWarning):
    """A result that is right but deserves a second look."""
