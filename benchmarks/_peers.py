"""Python packages that fit the same model, where they are installed: name -> fit(y) -> logLik.

pip install mixedlm glmm lme-python mixedlm-rs patsy polars
"""

import warnings


def python_peers(formula: str, data) -> dict:
    """One function a package that is installed; each fits `formula` to a new outcome by ML."""
    found = {}
    for name, make in MAKERS.items():
        try:
            found[name] = _quiet(make(formula, data))
        except ImportError:
            print(f"{name} is not installed: left out.")
    return found


def _quiet(fit):
    def one(y):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return float(fit(y))

    return one


def _outcome(formula: str) -> str:
    return formula.split("~")[0].strip()


def _plain(data):
    return data.assign(Time=data["Time"].astype(str))


def _mixedlm(formula, data):
    import mixedlm

    table, outcome = _plain(data), _outcome(formula)
    return lambda y: mixedlm.lmer(formula, table.assign(**{outcome: y}), REML=False).logLik().value


def _glmm(formula, data):
    import glmm

    table, outcome = _plain(data), _outcome(formula)
    columns = {name: table[name].tolist() for name in table}
    return lambda y: glmm.fit(columns | {outcome: y}, formula, reml=False).loglik


def _lme_python(formula, data):
    import lme_python
    import polars

    table, outcome = _plain(data), _outcome(formula)
    columns = {name: table[name].tolist() for name in table}
    return lambda y: (
        lme_python.lmer(
            formula, data=polars.DataFrame(columns | {outcome: y}), reml=False
        ).log_likelihood
    )


def _mixedlm_rs(formula, data):
    import mixedlm_rs

    table, outcome = _plain(data), _outcome(formula)
    fixed, bar = formula.split(" + (")
    effects = "~" + bar.split("|")[0].strip()
    return lambda y: (
        mixedlm_rs.mixedlm(
            fixed, table.assign(**{outcome: y}), groups=table["Time"], re_formula=effects
        )
        .fit(reml=False)
        .llf
    )


MAKERS = {
    "mixedlm": _mixedlm,
    "glmm": _glmm,
    "lme-python": _lme_python,
    "mixedlm-rs": _mixedlm_rs,
}
