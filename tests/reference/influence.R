# Makes what lme4 says of leaving groups and rows out: Rscript tests/reference/influence.R, from the
# top folder. Needs lme4 1.1-31. Each model without a group is fitted anew, tightly.

suppressMessages(library(lme4))
here <- file.path("tests", "reference")
source(file.path(here, "extract.R"))
shipped <- function(name) file.path("hlmteach", "datasets", "data", name)
sleepstudy <- read.csv(shipped("sleepstudy.csv"))
sleepstudy$Subject <- factor(sleepstudy$Subject)
Pastes <- read.csv(shipped("Pastes.csv"), stringsAsFactors = TRUE)
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5), calc.derivs = FALSE)

take <- function(fit, groups = NULL) {
  found <- if (is.null(groups)) influence(fit, start = getME(fit, "theta")) else influence(fit, groups, start = getME(fit, "theta"))
  list(fixef = unname(found[[if (is.null(groups)) "fixed.effects[-case]" else paste0("fixed.effects[-", groups, "]")]]),
       varcomp = unname(found[[if (is.null(groups)) "var.cov.comps[-case]" else paste0("var.cov.comps[-", groups, "]")]]),
       varnames = colnames(found[[if (is.null(groups)) "var.cov.comps[-case]" else paste0("var.cov.comps[-", groups, "]")]]),
       cooks = unname(cooks.distance(found)))
}
slope <- lmer(Reaction ~ Days + (Days | Subject), sleepstudy, control = tight)
intercept <- lmer(Reaction ~ Days + (1 | Subject), sleepstudy, REML = FALSE, control = tight)
pastes <- lmer(strength ~ 1 + (1 | batch) + (1 | sample), Pastes, control = tight)
write_json(list(call = "influence(lmer(...), groups); cooks.distance(.)",
                slope_group = take(slope, "Subject"), intercept_group = take(intercept, "Subject"),
                intercept_row = take(intercept), pastes_group = take(pastes, "batch")), "influence")
