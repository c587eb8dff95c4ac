"""Errors that speak to a student: what was wrong, the value seen, and what to do."""

from importlib.util import find_spec


class HLMError(ValueError):
    """The base of every error that hlmteach raises on purpose.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> try:
    ...     hlm.lmer("Satisfaction ~ NDP + (1|Time)", hlm.load("HLM"))
    ... except hlm.HLMError as error:
    ...     print(error)
    There is no column 'NDP' in the data. Did you mean 'NPD'? The columns are: ...
    """


class DataError(HLMError):
    """Something is wrong with the table: a column, a value, a file.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> hlm.load("HML")
    Traceback (most recent call last):
    hlmteach.errors.DataError: No data set is called 'HML'. Did you mean 'HLM'? ...
    """


class FormulaError(HLMError):
    """A formula that cannot be read, or that asks for what a formula cannot hold.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> hlm.lmer("Satisfaction ~ NPD + (1|Time", hlm.load("HLM"))
    Traceback (most recent call last):
    hlmteach.errors.FormulaError: In 'Satisfaction ~ NPD + (1|Time' a '(' is never closed.
    Add the missing ')'.
    """


class ModelError(HLMError):
    """A model that cannot be fitted, compared or asked for what was asked.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> hlm.lmer("Satisfaction ~ 1 + (1|Time)", hlm.load("HLM"), REML=False).reml_criterion
    Traceback (most recent call last):
    hlmteach.errors.ModelError: A fit by ML has a deviance, no reml_criterion. Fit with REML=True.
    """


class HLMWarning(UserWarning):
    """A result that is right but deserves a second look.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> issubclass(hlm.HLMWarning, UserWarning)
    True
    """


def check_installed(package: str, what: str) -> None:
    """Raise an HLMError that names the package to install, where one is missing.

    Examples
    --------
    >>> check_installed("no_such_package", "hlmteach tea")
    Traceback (most recent call last):
    hlmteach.errors.HLMError: hlmteach tea needs no_such_package, which is not installed. ...
    """
    if find_spec(package) is None:
        raise HLMError(
            f"{what} needs {package}, which is not installed. Mend it with: pip install {package}"
        )
