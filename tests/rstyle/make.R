# Makes tests/rstyle/printouts.json: Rscript tests/rstyle/make.R, from the top folder. Each entry
# holds a model as R was given it, its parameters with every digit, and what R printed of it.

suppressMessages({library(nlme); library(lme4)})
options(width = 80, digits = 7, warn = 1)
source(file.path("tests", "reference", "extract.R"))
here <- file.path("tests", "rstyle")

shipped <- function(name) file.path("hlmteach", "datasets", "data", name)
factors <- function(data, ...) {
  for (name in c(...)) data[[name]] <- factor(data[[name]], levels = unique(data[[name]]))
  data
}
HLM <- as.data.frame(foreign::read.spss(shipped("HLM.sav"), to.data.frame = TRUE))
HLM$Time <- as.factor(HLM$Time)
sleepstudy <- factors(read.csv(shipped("sleepstudy.csv")), "Subject")
Penicillin <- factors(read.csv(shipped("Penicillin.csv")), "plate", "sample")
Pastes <- factors(read.csv(shipped("Pastes.csv")), "batch", "cask", "sample")
Orthodont <- factors(read.csv(shipped("Orthodont.csv")), "Sex")
Orthodont$Subject <- factor(Orthodont$Subject, levels = levels(nlme::Orthodont$Subject))
simulated_q3 <- factors(read.csv(file.path("tests", "reference", "simulated_q3.csv")), "g")

printed <- function(x) paste(trimws(capture.output(print(x)), "right"), collapse = "\n")
plain <- function(x) gsub(" +", " ", paste(deparse(x, width.cutoff = 500), collapse = " "))

from_lmer <- function(formula, data, REML) {
  found <- suppressWarnings(suppressMessages(tight_theta(formula, get(data), REML)))
  fit <- suppressWarnings(suppressMessages(lmer_at(formula, data, REML, found$theta)))
  fit@call$control <- NULL
  fit@optinfo <- list()
  list(package = "lme4", data = data, formula = plain(formula), REML = REML,
       sigma = sigma(fit), varcorr = unname(lapply(VarCorr(fit), take_block)),
       summary = printed(summary(fit)), print = printed(fit))
}

from_lme <- function(fixed, random, data, method) {
  fit <- tight_lme(fixed, random, data, method)
  fit$call$data <- as.name(data)
  list(package = "nlme", data = data, formula = plain(fixed), random = plain(random),
       REML = method == "REML", sigma = fit$sigma, varcorr = take_lme(fit)$varcorr,
       summary = printed(summary(fit)), anova = printed(anova(fit)))
}

from_gls <- function(formula, data, method) {
  fit <- eval(bquote(gls(.(formula), data = .(as.name(data)), method = .(method))))
  list(package = "gls", data = data, formula = plain(formula), REML = method == "REML",
       summary = printed(summary(fit)), print = printed(fit))
}

write_json(list(
  slope_lmer = from_lmer(Reaction ~ Days + (Days | Subject), "sleepstudy", TRUE),
  uncorrelated_lmer = from_lmer(Reaction ~ Days + (1 | Subject) + (0 + Days | Subject), "sleepstudy", TRUE),
  crossed_lmer = from_lmer(diameter ~ 1 + (1 | plate) + (1 | sample), "Penicillin", TRUE),
  nested_lmer = from_lmer(strength ~ 1 + (1 | batch / cask), "Pastes", FALSE),
  three_effects_lmer = from_lmer(y ~ x1 + x2 + (x1 + x2 | g), "simulated_q3", TRUE),
  many_coefficients_lmer = from_lmer(Reaction ~ factor(Days) + (1 | Subject), "sleepstudy", FALSE),
  singular_lmer = from_lmer(Satisfaction ~ NPD + (NPD | Time), "HLM", FALSE),
  slope_lme = from_lme(Reaction ~ Days, ~ Days | Subject, "sleepstudy", "REML"),
  diagonal_lme = from_lme(Reaction ~ Days, quote(list(Subject = pdDiag(~ Days))), "sleepstudy", "ML"),
  blocked_lme = from_lme(Reaction ~ Days, quote(list(Subject = pdBlocked(list(pdLogChol(~ Days), pdLogChol(~ I(Days^2) - 1))))), "sleepstudy", "REML"),
  nested_lme = from_lme(strength ~ 1, ~ 1 | batch / cask, "Pastes", "ML"),
  three_effects_lme = from_lme(y ~ x1 + x2, ~ x1 + x2 | g, "simulated_q3", "REML"),
  many_coefficients_lme = from_lme(Reaction ~ factor(Days), ~ 1 | Subject, "sleepstudy", "ML"),
  no_intercept_lme = from_lme(distance ~ 0 + Sex + age:Sex, ~ age | Subject, "Orthodont", "REML"),
  several_gls = from_gls(log(Reaction) ~ Days + I(Days^2), "sleepstudy", "REML"),
  several_ml_gls = from_gls(Satisfaction ~ NPD * BPD, "HLM", "ML")
), "printouts")

# ---- numbers and names -------------------------------------------------------------------------

set.seed(7)
vectors <- c(
  list(0, 1, -1, 100000, 123456, 1e5, 1e15, 1e-4, 1e-5, 0.00012345678, 1234567.8, 123456789, 0.1 + 0.2,
       c(1, 10, 100), c(1e-10, 1), c(1e10, 1e-3), c(0.5, 1e6), c(-2.5, 3), c(3.673e-3, 1.528e-5, 0.65),
       c(0, 0.0523), c(99999.95, 1), c(0.99999999, 1), c(1e100, 1), c(1e-300, 2e-300), c(5e-4, 0)),
  lapply(1:60, function(i) round(rnorm(sample(1:5, 1)) * 10^runif(1, -6, 6), sample(0:9, 1))),
  lapply(1:40, function(i) rnorm(sample(1:5, 1)) * 10^rnorm(1, 0, 3)))
names_of_all <- c("(Intercept)", "SexFemale", "age:SexFemale", "NPD:BPD", "Satisfaction", "I(x^2)",
  "treatmentplacebo", "poly(x, 2)1", "poly(x, 2)2", "log(income)", "schoolCatholic", "meanses:cses",
  "factor(a)2", "factor(a)10", "BPD_c:NPD_c", "TimeAfter one year", "TimeAfter five years",
  "Time5 years after", "Time1 year after", "aaaaaaaaaa", "AEIOUAEIOU", "within.school")
formulas <- c("y~x", "y ~ x+(1+x|g)", "Satisfaction~NPD+BPD+BPD*NPD", "y~I(x^2)-1", "log(y)~a:b+poly(x,2)",
  "y~(1||g)", "~NPD|Time", "~1|a/b", "y ~ x + (0+x|a:b)", "y~-1+x", "y~x-z", "y~0+x")
write_json(list(
  format = I(lapply(vectors, function(v) list(values = I(v), seven = I(format(v)), four = I(format(v, digits = 4)),
                                              zapped = I(zapsmall(v))))),
  abbreviate = lapply(setNames(c(1, 4, 6, 11), c("1", "4", "6", "11")),
                      function(m) I(unname(abbreviate(names_of_all, m)))),
  names = I(names_of_all),
  deparse = lapply(setNames(formulas, formulas), function(f) plain(as.formula(f)))
), "formats")
