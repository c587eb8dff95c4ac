"""Lesson 08: AIC and the likelihood ratio."""

from scipy.stats import chi2

from hlmteach.exercises.bank.options import one_of
from hlmteach.exercises.kinds import Numeric
from hlmteach.exercises.question import Mistake, Question
from hlmteach.exercises.sample import Sample


def _ratio(sample: Sample, method="ML") -> float:
    return 2 * (sample.model2(method).loglik - sample.model1(method).loglik)


def _naive(sample: Sample) -> float:
    return float(chi2.sf(_ratio(sample), 1))


def _aic_solution(sample: Sample) -> str:
    fit = sample.model2()
    return (
        f"k = 3 (intercept, variance of Time, residual variance), logLik = {fit.loglik:.3f}: "
        f"AIC = 2 * 3 - 2 * ({fit.loglik:.3f}) = {fit.aic:.2f}."
    )


def _ratio_solution(sample: Sample) -> str:
    one, two = sample.model1().loglik, sample.model2().loglik
    return f"2 * ({two:.3f} - ({one:.3f})) = {_ratio(sample):.2f}."


def _p_solution(sample: Sample) -> str:
    return (
        f"The ratio is {_ratio(sample):.2f}. A chi-square with 1 df lies beyond it with "
        "probability "
        f"{_naive(sample):.3g}. Under the null the estimated variance is 0 in about half of all "
        f"samples, so the p value is half of that: {0.5 * _naive(sample):.3g}."
    )


QUESTIONS = (
    Question(
        "08-1",
        "Count the parameters",
        "Model 2 is `Satisfaction ~ 1` with a random intercept for `Time`. Which k does its AIC "
        "use?",
        Numeric(tolerance=0.25, decimals=0),
        lambda sample: float(sample.model2().n_params),
        (
            Mistake(
                "coefficients only",
                1.0,
                "That counts the intercept alone. AIC counts every number that is estimated, "
                "variances too.",
            ),
            Mistake(
                "one variance forgotten",
                2.0,
                "One short. Besides the intercept there are two variances: which is missing?",
            ),
            Mistake(
                "deviations counted",
                6.0,
                "The deviations of the three times are predicted, not estimated as parameters. "
                "Count the intercept and the variances.",
            ),
        ),
        (
            "Write the model down: y = beta_0 + u_j + e_ij. What has to be estimated?",
            "One mean; how far u spreads; how far e spreads.",
        ),
        lambda sample: (
            "k = 3: the intercept, the variance between times and the residual variance. With it "
            f"AIC is {sample.model2().aic:.2f}; with k = 1 it would be "
            f"{sample.model2().aic - 4:.2f}."
        ),
        "Variances are parameters too.",
    ),
    Question(
        "08-2",
        "AIC by hand",
        "Compute the AIC of Model 2 on `ex.data` from its ML log-likelihood. 2 decimals.",
        Numeric(tolerance=0.02, decimals=2),
        lambda sample: sample.model2().aic,
        (
            Mistake(
                "k without variances",
                lambda sample: 2 - 2 * sample.model2().loglik,
                "You took k = 1. The two variances are parameters as well.",
            ),
            Mistake(
                "k without one variance",
                lambda sample: 4 - 2 * sample.model2().loglik,
                "You took k = 2. Count again: an intercept and two variances.",
            ),
            Mistake(
                "log-likelihood not doubled",
                lambda sample: 6 - sample.model2().loglik,
                "The penalty is there, but the log-likelihood counts twice: 2 k - 2 logLik.",
            ),
            Mistake(
                "sign of the log-likelihood",
                lambda sample: 6 + 2 * sample.model2().loglik,
                "Minus times minus: the log-likelihood is negative, so -2 logLik is positive.",
            ),
            Mistake(
                "BIC for AIC",
                lambda sample: sample.model2().bic,
                "That is the BIC. AIC's penalty is 2 for each parameter, whatever n is.",
            ),
            Mistake(
                "REML for ML",
                lambda sample: sample.model2("REML").aic,
                "That is from the REML likelihood. Fit with method='ML'.",
            ),
        ),
        ("AIC = 2 k - 2 logLik.", "k is 3 here.", "model2.loglik has the log-likelihood."),
        _aic_solution,
        "Lower is better; the penalty is 2 for each parameter.",
    ),
    Question(
        "08-3",
        "The likelihood ratio",
        "Compare Model 1 (`hlm.gls`, one mean) with Model 2 (a random intercept for `Time`) on "
        "`ex.data`, both by ML. What is the likelihood ratio statistic, L.Ratio? 2 decimals.",
        Numeric(tolerance=0.02, decimals=2),
        _ratio,
        (
            Mistake(
                "not doubled",
                lambda sample: _ratio(sample) / 2,
                "That is the difference of the log-likelihoods. The ratio statistic is twice that.",
            ),
            Mistake(
                "AIC difference",
                lambda sample: _ratio(sample) - 2,
                "That is the difference of the AICs, with the penalty in it. Leave the penalty "
                "out.",
            ),
            Mistake(
                "REML for ML",
                lambda sample: _ratio(sample, "REML"),
                "Those are REML fits. Use method='ML' for both.",
            ),
            Mistake(
                "the wrong way round",
                lambda sample: -_ratio(sample),
                "The sign is turned: the larger model's log-likelihood comes first.",
            ),
        ),
        ("L.Ratio = 2 (logLik of the larger - logLik of the smaller).", "hlm.anova prints it."),
        _ratio_solution,
        "It says how much better the larger model fits; the test says whether that is much.",
    ),
    Question(
        "08-4",
        "A p value at the edge",
        "Test whether `Time` has any variance in `ex.data`: compare Model 1 with Model 2 by ML, "
        "and "
        "use the null distribution that is right for a variance, which cannot be negative. "
        "p with 3 significant digits.",
        Numeric(relative=0.02, figures=3),
        lambda sample: 0.5 * _naive(sample),
        (
            Mistake(
                "no boundary mixture",
                _naive,
                "That is the naive p, as if the variance could be negative as well. Under the null "
                "half of the ratios are 0: use the mixture.",
            ),
            Mistake(
                "two degrees of freedom",
                lambda sample: float(chi2.sf(_ratio(sample), 2)),
                "One parameter is added, so the chi-square has 1 df; and then mind the boundary.",
            ),
            Mistake(
                "ratio not doubled",
                lambda sample: 0.5 * float(chi2.sf(_ratio(sample) / 2, 1)),
                "The mixture is there, but the ratio is twice the difference of the "
                "log-likelihoods.",
            ),
            Mistake(
                "halved twice",
                lambda sample: 0.25 * _naive(sample),
                "That is a quarter of the naive p. Halve it once.",
            ),
        ),
        (
            "When the true variance is 0, the estimate is exactly 0 in about half of all samples.",
            "So the null distribution is half a spike at 0, half a chi-square with 1 df.",
            "Halve the naive p.",
        ),
        _p_solution,
        "At the boundary the naive p is twice too large.",
    ),
    Question(
        "08-5",
        "A difference of 2",
        "The AIC of one model is 2.5 below that of another. What does it say?",
        **one_of(
            (
                "the first is significantly better, at 5 %",
                "AIC as a test",
                "AIC is no test: no error rate belongs to a difference of 2. What does it "
                "estimate?",
            ),
            ("the first is expected to predict somewhat better; it is no test",),
            (
                "the first is true",
                "AIC finds the truth",
                "AIC compares models; it does not say that any is true. Look for a weaker claim.",
            ),
            (
                "nothing, since only differences above 10 count",
                "a threshold of 10",
                "It says a little: support for the first is stronger, though not overwhelming.",
            ),
        ),
        hints=(
            "AIC estimates how well a model would predict new data of the same kind.",
            "Would a rule without a sample size and without alpha be a test?",
        ),
        solution=lambda sample: (
            "b. AIC estimates the loss in predicting new data. On yours it is "
            f"{sample.model1().aic:.2f} for Model 1 and {sample.model2().aic:.2f} for Model 2: a "
            f"difference of {sample.model1().aic - sample.model2().aic:.2f}, but no p value."
        ),
        right="For a test, use the likelihood ratio and its null distribution.",
    ),
)
