# Makes what R says of tests with few groups: Rscript tests/reference/few_groups.R, from the top
# folder. Needs lme4 1.1-31, lmerTest 3.1-3, pbkrtest 0.5.2, emmeans 1.8.4. Takes some minutes.

suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(emmeans)})
options(width = 80, digits = 7, warn = 1, contrasts = c("contr.treatment", "contr.poly"))
here <- file.path("tests", "reference")
source(file.path(here, "extract.R"))
emm_options(lmerTest.limit = 1e5, pbkrtest.limit = 1e5)

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
Orthodont <- factors(read.csv(shipped("Orthodont.csv")), "Sex", "Subject")

# Nine groups and five items, sizes from 4 to 14; A (3) and B (2) vary within groups, not evenly.
make_uneven <- function() {
  set.seed(20211212)
  size <- sample(4:14, 9, replace = TRUE)
  g <- rep(sprintf("g%d", 1:9), size)
  n <- length(g)
  A <- sample(c("a", "b", "c"), n, TRUE, c(.5, .3, .2))
  B <- sample(c("no", "yes"), n, TRUE, c(.35, .65))
  h <- sample(sprintf("h%d", 1:5), n, TRUE)
  x <- round(rnorm(n, 3), 2)
  group <- as.integer(factor(g))
  y <- 2 + 0.8 * (A == "b") - 0.5 * (A == "c") * (B == "yes") + 0.3 * x + rnorm(9)[group] +
    rnorm(9, 0, .4)[group] * x + rnorm(5, 0, .6)[as.integer(factor(h))] + rnorm(n)
  data.frame(y = round(y, 3), A = A, B = B, x = x, g = g, h = h)
}
write.csv(make_uneven(), file.path(here, "uneven.csv"), row.names = FALSE, quote = FALSE)
uneven <- read.csv(file.path(here, "uneven.csv"), stringsAsFactors = TRUE)

# name, data, formula, REML, and the factors whose means are asked for.
model <- function(data, formula, REML = TRUE, means = NULL) {
  list(data = data, formula = formula, REML = REML, means = means)
}
models <- list(
  sleepstudy = model("sleepstudy", Reaction ~ Days + (Days | Subject)),
  sleepstudy_ml = model("sleepstudy", Reaction ~ Days + (Days | Subject), FALSE),
  uncorrelated = model("sleepstudy", Reaction ~ Days + (Days || Subject)),
  orthodont = model("Orthodont", distance ~ age * Sex + (age | Subject), TRUE, "Sex"),
  penicillin = model("Penicillin", diameter ~ 1 + (1 | plate) + (1 | sample)),
  pastes = model("Pastes", strength ~ 1 + (1 | batch / cask)),
  tutorial = model("HLM", Satisfaction ~ NPD * BPD + (1 | Time)),
  uneven = model("uneven", y ~ A * B + x + (1 | g), TRUE, c("A", "B")),
  uneven_slope = model("uneven", y ~ A * x + B + (x | g), TRUE, c("A", "B")),
  uneven_crossed = model("uneven", y ~ A * B + (1 | g) + (1 | h), TRUE, c("A", "B")),
  uneven_both = model("uneven", y ~ x * A + (x | g) + (1 | h), TRUE, "A"),
  uneven_cells = model("uneven", y ~ 0 + A + x + (1 | g), TRUE, "A"),
  uneven_ml = model("uneven", y ~ A * B + x + (1 | g), FALSE, c("A", "B"))
)

DDF <- c("Satterthwaite", "Kenward-Roger")
attempt <- function(x) tryCatch(suppressWarnings(suppressMessages(x)), error = function(e) NULL)
plain <- function(x) gsub(" +", " ", paste(deparse(x, width.cutoff = 500), collapse = " "))

take_anova <- function(fit, ddf) {
  of <- function(type) attempt(named_matrix(as.matrix(
    anova(fit, type = type, ddf = ddf)[, c("NumDF", "DenDF", "F value", "Pr(>F)")])))
  list(I = of(1), II = of(2), III = of(3))
}

# A row that weighs every coefficient, and all coefficients but the first together.
take_contrasts <- function(fit, ddf) {
  p <- length(fixef(fit))
  row <- matrix(seq_len(p) / p, 1)
  one <- attempt(as.matrix(contest1D(fit, row, ddf = ddf)))
  several <- if (p > 1) attempt(as.matrix(contestMD(fit, diag(p)[-1, , drop = FALSE], ddf = ddf)))
  named <- function(m) if (!is.null(m)) named_matrix(`rownames<-`(m, "test"))
  list(row = named(one), joint = named(several))
}

take_means <- function(fit, factor, mode, data) {
  found <- emmeans(fit, factor, mode = mode, cov.keep = 0, data = data)
  frame <- function(x) {
    x <- as.data.frame(x)
    m <- as.matrix(x[, setdiff(names(x), c(factor, "contrast"))])
    rownames(m) <- as.character(x[[1]])
    named_matrix(m)
  }
  list(means = frame(found), pairs = frame(pairs(found, adjust = "tukey")),
       limits = frame(confint(pairs(found, adjust = "none"))))
}

take <- function(name) {
  message(name)
  m <- models[[name]]
  data <- get(m$data)
  theta <- suppressWarnings(suppressMessages(tight_theta(m$formula, data, m$REML)$theta))
  fit <- suppressWarnings(suppressMessages(lmerTest::as_lmerModLmerTest(
    lmer_at(m$formula, m$data, m$REML, theta))))
  rules <- if (m$REML) DDF else DDF[1]
  out <- list(data = m$data, formula = plain(m$formula), REML = m$REML,
    call = sprintf("lmerTest::lmer(%s, %s, REML = %s)", plain(m$formula), m$data, m$REML),
    calls = list(summary = "coef(summary(fit, ddf = ddf))", anova = "anova(fit, type = type, ddf = ddf)",
      row = "contest1D(fit, matrix(seq_len(p) / p, 1), ddf = ddf)",
      joint = "contestMD(fit, diag(p)[-1, ], ddf = ddf)",
      means = "emmeans(fit, factor, mode = ddf, cov.keep = 0); pairs(.)"))
  for (ddf in rules) {
    key <- tolower(ddf)
    out[[key]] <- c(list(summary = named_matrix(coef(summary(fit, ddf = ddf))),
                         anova = take_anova(fit, ddf)), take_contrasts(fit, ddf))
    out[[key]]$means <- sapply(m$means, function(f) take_means(fit, f, key, data), simplify = FALSE)
  }
  if (m$REML) {
    p <- length(fixef(fit))
    V <- vcovAdj(fit)
    out$vcovAdj <- named_matrix(as.matrix(V))
    out$Lb_ddf <- Lb_ddf(matrix(seq_len(p) / p, 1), vcov(fit), V)
    if (p > 1) out$KRmodcomp <- named_matrix(as.matrix(KRmodcomp(fit, diag(p)[-1, , drop = FALSE])$test))
  }
  out
}
versions <- sapply(c("lme4", "lmerTest", "pbkrtest", "emmeans"),
                   function(p) as.character(packageVersion(p)), simplify = FALSE)
write_json(c(list(versions = versions), sapply(names(models), take, simplify = FALSE)), "few_groups")
