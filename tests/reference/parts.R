# Makes predictions by some of the random terms, R2, and correlations of nested groups, of lme4's
# fits: Rscript tests/reference/parts.R, from the top folder. Needs lme4 1.1-31.

suppressMessages(library(lme4))
here <- file.path("tests", "reference")
source(file.path(here, "extract.R"))
shipped <- function(name) read.csv(file.path("hlmteach", "datasets", "data", name), stringsAsFactors = TRUE)
sleepstudy <- shipped("sleepstudy.csv")
sleepstudy$Subject <- factor(sleepstudy$Subject)
Pastes <- shipped("Pastes.csv")
Penicillin <- shipped("Penicillin.csv")
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5), calc.derivs = FALSE)

# Nakagawa and Schielzeth (2013), with the mean variance of the random effects of Johnson (2014):
# the trace of Z Psi Z' over n.
r2 <- function(m) {
  fixed <- var(as.vector(model.matrix(m) %*% fixef(m)))
  Z <- getME(m, "Z"); Lambda <- getME(m, "Lambda")
  random <- sigma(m)^2 * sum((Z %*% Lambda)^2) / nobs(m)
  c(fixed, fixed + random) / (fixed + random + sigma(m)^2)
}
# Correlations of all rows given the predictors, from V itself.
correlation <- function(m) {
  ZL <- getME(m, "Z") %*% getME(m, "Lambda")
  cov2cor(as.matrix(tcrossprod(ZL)) + diag(nobs(m)))
}
take <- function(formula, name, parts) {
  m <- lmer(formula, get(name), control = tight)
  list(formula = paste(deparse(formula), collapse = ""), data = name, r2 = r2(m),
       predictions = lapply(parts, function(part)
         list(re_form = part, call = paste0("predict(m, re.form = ", part, ")"),
              value = unname(predict(m, re.form = eval(parse(text = part)))))))
}
pastes <- lmer(strength ~ 1 + (1 | batch / cask), Pastes, control = tight)
first <- correlation(pastes)[1, ]
write_json(list(
  sleepstudy = take(Reaction ~ Days + (Days | Subject), "sleepstudy",
                    c("~(1 | Subject)", "~(0 + Days | Subject)", "~(Days | Subject)", "~0")),
  pastes = take(strength ~ 1 + (1 | batch / cask), "Pastes",
                c("~(1 | batch)", "~(1 | cask:batch)", "~(1 | batch / cask)", "NA")),
  penicillin = take(diameter ~ 1 + (1 | plate) + (1 | sample), "Penicillin",
                    c("~(1 | plate)", "~(1 | sample)")),
  correlations = list(call = "cov2cor(Z Lambda Lambda' Z' + I)[1, ] of pastes, its row 2 and its row 3",
                      same_cask = first[[2]], same_batch = first[[3]],
                      rows = as.character(Pastes$sample[1:3]))), "parts")
