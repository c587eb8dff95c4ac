# What R makes of each formula: names, coefficients, likelihood, predictions of new rows.
# Rscript tests/reference/formulas.R, from the top folder. Needs R 4.2 with lme4 1.1-31, nlme, jsonlite.

suppressMessages({library(lme4); library(jsonlite)})
options(warn = -1)
set.seed(1)
d <- data.frame(y = round(rnorm(60), 3), `a b` = round(rnorm(60), 2), f = rep(c("a", "b", "c"), 20),
                g = rep(1:10, each = 6), b = rep(c(TRUE, FALSE), 30), z = rep(1:4, 15),
                o = rep(1:5, 12), check.names = FALSE)
columns <- d
d$f <- factor(d$f); d$g <- factor(d$g); d$o <- factor(d$o, ordered = TRUE)

formulas <- readLines(file.path("tests", "reference", "formulas.txt"))
one <- function(text) {
  m <- suppressMessages(lmer(as.formula(text), d, REML = FALSE))
  new <- tryCatch(unname(predict(m, d[c(3, 7, 20), ], re.form = NA)), error = function(e) numeric(0))
  list(call = sprintf("lmer(%s, d, REML = FALSE)", text), formula = text, names = I(names(fixef(m))),
       fixef = I(unname(fixef(m))), logLik = as.numeric(logLik(m)), df = attr(logLik(m), "df"),
       new = I(new))
}
machines <- function(reference) {
  data <- as.data.frame(nlme::Machines)
  data$Machine <- relevel(factor(data$Machine, ordered = FALSE), reference)
  m <- suppressMessages(lmer(score ~ Machine + (Machine || Worker), data, REML = FALSE))
  list(call = "lmer(score ~ Machine + (Machine || Worker), nlme::Machines, REML = FALSE)",
       reference = reference, logLik = as.numeric(logLik(m)), df = attr(logLik(m), "df"))
}
out <- list(source = "R 4.2, lme4 1.1-31: tests/reference/formulas.R", columns = columns,
            fits = lapply(formulas, one), machines = lapply(c("A", "B"), machines),
            Machines = data.frame(Worker = as.character(nlme::Machines$Worker),
                                  Machine = as.character(nlme::Machines$Machine),
                                  score = nlme::Machines$score))
writeLines(toJSON(out, auto_unbox = TRUE, digits = NA, dataframe = "columns"),
           file.path("tests", "reference", "formulas.json"))
