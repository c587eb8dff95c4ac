# How make.R fits tightly, takes a fit apart, and writes it down with every digit.

# ---- writing -----------------------------------------------------------------------------------

json_number <- function(x) {
  if (is.na(x)) return("null")
  if (is.infinite(x)) return(if (x > 0) "\"Infinity\"" else "\"-Infinity\"")
  if (x == round(x) && abs(x) < 1e15) sprintf("%.0f", x) else sprintf("%.17g", x)
}

json_text <- function(x) {
  x <- gsub("\\", "\\\\", x, fixed = TRUE)
  x <- gsub("\"", "\\\"", x, fixed = TRUE)
  x <- gsub("\t", "\\t", x, fixed = TRUE)
  sprintf("\"%s\"", gsub("\n", "\\n", x, fixed = TRUE))
}

json_atom <- function(x) {
  if (is.character(x)) json_text(x)
  else if (is.logical(x)) (if (is.na(x)) "null" else tolower(as.character(x)))
  else json_number(as.numeric(x))
}

# A matrix becomes rows of columns; a named vector or list an object; I(x) stays a list.
json <- function(x, indent = "") {
  deeper <- paste0(indent, " ")
  if (is.null(x)) return("null")
  if (is.factor(x)) x <- as.character(x)
  if (is.matrix(x)) {
    rows <- lapply(seq_len(nrow(x)), function(i) I(unname(x[i, ])))
    return(json(I(rows), indent))
  }
  if (length(dim(x)) == 3) {
    return(json(I(lapply(seq_len(dim(x)[3]), function(j) matrix(x[, , j], dim(x)[1]))), indent))
  }
  if (is.list(x) || !is.null(names(x))) {
    parts <- vapply(seq_along(x), function(i) json(x[[i]], deeper), "")
    if (is.null(names(x))) return(sprintf("[%s]", paste(parts, collapse = paste0(",\n", deeper))))
    pairs <- paste0(deeper, vapply(names(x), json_text, ""), ": ", parts)
    return(paste0("{\n", paste(pairs, collapse = ",\n"), "\n", indent, "}"))
  }
  if (length(x) == 1 && !inherits(x, "AsIs")) return(json_atom(x))
  sprintf("[%s]", paste(vapply(x, json_atom, ""), collapse = ", "))
}

write_json <- function(x, name) {
  writeLines(json(x), file.path(here, paste0(name, ".json")))
}

write_print <- function(x, name) {
  writeLines(trimws(capture.output(print(x)), "right"),
             file.path(here, "printouts", paste0(name, ".txt")))
}

# ---- fitting -----------------------------------------------------------------------------------

# The best of several optimisers, then Newton steps on the free part of theta.
tight_theta <- function(formula, data, REML) {
  parsed <- lFormula(formula, data, REML = REML,
                     control = lmerControl(check.nobs.vs.nRE = "ignore"))
  deviance_at <- do.call(mkLmerDevfun, parsed)
  lower <- parsed$reTrms$lower
  starts <- list(parsed$reTrms$theta, parsed$reTrms$theta * 0.2)
  ends <- unlist(lapply(starts, function(s) all_optimisers(s, deviance_at, lower)), FALSE)
  best <- ends[[which.min(vapply(ends, deviance_at, 0))]]
  polish(best, deviance_at, lower)
}

all_optimisers <- function(start, f, lower) {
  list(
    nlminb(start, f, lower = lower,
           control = list(rel.tol = 1e-15, x.tol = 1e-14, eval.max = 5000, iter.max = 5000))$par,
    minqa::bobyqa(start, f, lower = lower, control = list(rhobeg = 0.1, rhoend = 1e-11, maxfun = 1e5))$par,
    Nelder_Mead(f, start, lower = lower,
                control = list(FtolAbs = 1e-14, XtolRel = 1e-14, maxfun = 20000,
                               warnOnly = TRUE))$par
  )
}

polish <- function(theta, f, lower) {
  at_zero <- lower == 0 & theta < 1e-4 * max(theta, 1e-2)
  pinned <- replace(theta, at_zero, 0)
  if (f(pinned) <= f(theta) + 1e-9) theta <- pinned
  free <- !(lower == 0 & theta == 0)
  # A column of Lambda that is zero on its diagonal and below is zero as a whole: leave it so.
  free <- free & abs(theta) > 0
  inner <- function(t) f(replace(theta, free, t))
  error <- 0
  if (any(free)) {
    for (step in 1:6) {
      t <- theta[free]
      move <- -solve(numDeriv::hessian(inner, t), numDeriv::grad(inner, t))
      if (inner(t + move) > inner(t) + 1e-9) break
      theta[free] <- t + move
      error <- max(abs(move))
    }
  }
  list(theta = theta, last_move = error, criterion = f(theta))
}

# lmer held at a given theta: everything else is a closed form.
lmer_at <- function(formula, data_name, REML, theta) {
  eval(bquote(lmer(.(formula), data = .(as.name(data_name)), REML = .(REML), start = .(theta),
                   control = lmerControl(optimizer = NULL, calc.derivs = FALSE,
                                         check.nobs.vs.nRE = "ignore"))), globalenv())
}

# nlme's lme, as tight as it goes, by both its optimisers.
tight_lme <- function(fixed, random, data_name, method) {
  controls <- list(
    lmeControl(maxIter = 500, msMaxIter = 1000, msMaxEval = 5000, niterEM = 100,
               tolerance = 1e-10, msTol = 1e-13, returnObject = TRUE),
    lmeControl(maxIter = 500, msMaxIter = 1000, niterEM = 100, tolerance = 1e-10, msTol = 1e-13,
               opt = "optim", returnObject = TRUE)
  )
  fits <- lapply(controls, function(control) tryCatch(
    suppressWarnings(eval(bquote(lme(.(fixed), data = .(as.name(data_name)), random = .(random),
                                     method = .(method), control = control)))),
    error = function(e) NULL))
  fits <- Filter(Negate(is.null), fits)
  fits[[which.max(vapply(fits, function(fit) as.numeric(logLik(fit)), 0))]]
}

# ---- taking apart ------------------------------------------------------------------------------

attempt <- function(x) {
  tryCatch(suppressMessages(suppressWarnings(x)), error = function(e) list(error = conditionMessage(e)))
}

named_matrix <- function(m) {
  list(rows = I(rownames(m)), columns = I(colnames(m)), values = unname(as.matrix(m)))
}

five <- function(x) setNames(quantile(x), c("Min", "Q1", "Med", "Q3", "Max"))

information <- function(fit) {
  list(logLik = as.numeric(logLik(fit)), df = attr(logLik(fit), "df"), AIC = AIC(fit), BIC = BIC(fit))
}

take_lmer <- function(fit, found, profiled = TRUE) {
  modes <- ranef(fit, condVar = TRUE)
  c(information(fit), list(
    n_obs = nobs(fit), n_groups = as.list(ngrps(fit)), df_resid = df.residual(fit),
    criterion = found$criterion, last_newton_move = found$last_move,
    is_singular = isSingular(fit, tol = 1e-6),
    fixef = as.list(fixef(fit)), se = as.list(sqrt(diag(as.matrix(vcov(fit))))),
    vcov = named_matrix(vcov(fit)),
    theta = I(unname(getME(fit, "theta"))), sigma = sigma(fit),
    pwrss = unname(getME(fit, "devcomp")$cmp["pwrss"]),
    varcorr = lapply(VarCorr(fit), take_block),
    ranef = lapply(modes, function(m) named_matrix(m)),
    cond_var = lapply(modes, take_cond_var),
    coef = lapply(coef(fit), function(m) named_matrix(m)),
    scaled_residuals = as.list(five(residuals(fit, scaled = TRUE))),
    fitted = if (nobs(fit) <= 200) I(unname(fitted(fit))),
    satterthwaite = attempt(named_matrix(coef(summary(lmerTest::as_lmerModLmerTest(fit))))),
    confint_profile = if (profiled) attempt(profile_limits(fit)),
    confint_wald = attempt(named_matrix(confint(fit, method = "Wald")))
  ))
}

# The fit was held, not optimised; the profile needs to be told what to optimise the rest with.
profile_limits <- function(fit) {
  fit@optinfo$optimizer <- "bobyqa"
  fit@optinfo$control <- list(rhobeg = 0.02, rhoend = 1e-9, maxfun = 10000)
  named_matrix(confint(fit, quiet = TRUE))
}

take_block <- function(block) {
  list(names = I(rownames(block)), sd = I(unname(attr(block, "stddev"))),
       corr = unname(attr(block, "correlation")))
}

# Several uncorrelated terms on one factor come as a list of arrays, one a term.
take_cond_var <- function(modes) {
  post <- attr(modes, "postVar")
  if (is.list(post)) lapply(unname(post), function(a) a) else post
}

take_lme <- function(fit) {
  table <- summary(fit)$tTable
  blocks <- lapply(fit$modelStruct$reStruct, function(block) {
    v <- nlme::pdMatrix(block) * fit$sigma^2
    list(names = I(colnames(v)), sd = I(unname(sqrt(diag(v)))), corr = unname(suppressWarnings(cov2cor(v))))
  })
  effects <- ranef(fit)
  if (is.data.frame(effects)) effects <- setNames(list(effects), names(blocks))
  c(information(fit), list(
    fixef = as.list(fixef(fit)), vcov = named_matrix(fit$varFix), table = named_matrix(table),
    sigma = fit$sigma, varcorr = blocks, ranef = lapply(effects, function(m) named_matrix(m)),
    scaled_residuals = as.list(five(residuals(fit, type = "pearson"))),
    anova = attempt(named_matrix(as.matrix(anova(fit)))),
    intervals = attempt(take_intervals(fit))
  ))
}

take_intervals <- function(fit) {
  found <- intervals(fit)
  list(fixed = named_matrix(unclass(found$fixed)),
       random = lapply(found$reStruct, function(m) named_matrix(as.matrix(m))),
       sigma = as.list(unclass(found$sigma)))
}

take_gls <- function(fit) {
  c(information(fit), list(
    n_obs = nobs(fit), fixef = as.list(coef(fit)), vcov = named_matrix(fit$varBeta),
    table = named_matrix(summary(fit)$tTable), sigma = fit$sigma,
    scaled_residuals = as.list(five(residuals(fit, type = "pearson")))
  ))
}

take_anova <- function(table) {
  columns <- lapply(as.list(table), function(x) if (is.factor(x)) I(as.character(x)) else I(unclass(x)))
  c(list(models = I(rownames(table))), columns[setdiff(names(columns), "call")])
}
