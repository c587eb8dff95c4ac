# Makes every value that R vouches for in the tests: Rscript tests/reference/make.R, from the
# top folder. Needs R 4.2 with lme4 1.1-31, nlme 3.1-162, lmerTest, numDeriv, minqa, foreign.
# Takes a few minutes.

suppressMessages({library(nlme); library(lme4)})
options(width = 80, digits = 7, warn = 1)
here <- file.path("tests", "reference")
source(file.path(here, "extract.R"))

# ---- data --------------------------------------------------------------------------------------

shipped <- function(name) file.path("hlmteach", "datasets", "data", name)
factors <- function(data, ...) {
  for (name in c(...)) data[[name]] <- factor(data[[name]], levels = unique(data[[name]]))
  data
}

# The .sav holds the doubles themselves; a text reader could lose a last digit.
HLM <- as.data.frame(foreign::read.spss(shipped("HLM.sav"), to.data.frame = TRUE))
HLM$Time <- as.factor(HLM$Time)
data <- HLM
sleepstudy <- factors(read.csv(shipped("sleepstudy.csv")), "Subject")
Dyestuff <- factors(read.csv(shipped("Dyestuff.csv")), "Batch")
Dyestuff2 <- factors(read.csv(shipped("Dyestuff2.csv")), "Batch")
Penicillin <- factors(read.csv(shipped("Penicillin.csv")), "plate", "sample")
Pastes <- factors(read.csv(shipped("Pastes.csv")), "batch", "cask", "sample")
Orthodont <- factors(read.csv(shipped("Orthodont.csv")), "Sex")
Orthodont$Subject <- factor(Orthodont$Subject, levels = levels(nlme::Orthodont$Subject))

# Three correlated random effects, groups of unequal size, one predictor far from zero.
make_simulated <- function() {
  set.seed(20210104)
  size <- sample(5:16, 24, replace = TRUE)
  g <- rep(sprintf("g%02d", 1:24), size)
  x1 <- round(rnorm(length(g)), 2)
  x2 <- round(rnorm(length(g), 50, 10), 1)
  sds <- diag(c(2, 1, 0.15))
  corr <- matrix(c(1, .3, -.2, .3, 1, .4, -.2, .4, 1), 3)
  b <- (matrix(rnorm(24 * 3), 24) %*% chol(sds %*% corr %*% sds))[as.integer(factor(g)), ]
  y <- 10 + 1.5 * x1 + 0.2 * x2 + b[, 1] + b[, 2] * x1 + b[, 3] * (x2 - 50) + rnorm(length(g), 0, 1.5)
  data.frame(y = round(y, 3), x1 = x1, x2 = x2, g = g)
}
write.csv(make_simulated(), file.path(here, "simulated_q3.csv"), row.names = FALSE, quote = FALSE)
simulated_q3 <- factors(read.csv(file.path(here, "simulated_q3.csv")), "g")

# ---- models ------------------------------------------------------------------------------------

# name, data, lme4's formula, and nlme's two formulas where nlme can fit the model.
model <- function(name, data, formula, fixed = NULL, random = NULL) {
  list(name = name, data = data, formula = formula, fixed = fixed, random = random)
}

models <- list(
  model("hlm_intercept", "HLM", Satisfaction ~ 1 + (1 | Time), Satisfaction ~ 1, ~ 1 | Time),
  model("hlm_npd", "HLM", Satisfaction ~ 1 + NPD + (1 | Time), Satisfaction ~ NPD, ~ 1 | Time),
  model("hlm_slope", "HLM", Satisfaction ~ NPD + (NPD | Time), Satisfaction ~ NPD, ~ NPD | Time),
  model("hlm_interaction", "HLM", Satisfaction ~ NPD + BPD + BPD * NPD + (1 | Time),
        Satisfaction ~ NPD + BPD + BPD * NPD, ~ 1 | Time),
  model("sleepstudy_intercept", "sleepstudy", Reaction ~ Days + (1 | Subject),
        Reaction ~ Days, ~ 1 | Subject),
  model("sleepstudy_slope", "sleepstudy", Reaction ~ Days + (Days | Subject),
        Reaction ~ Days, ~ Days | Subject),
  model("sleepstudy_uncorrelated", "sleepstudy", Reaction ~ Days + (Days || Subject),
        Reaction ~ Days, quote(list(Subject = pdDiag(~ Days)))),
  model("dyestuff", "Dyestuff", Yield ~ 1 + (1 | Batch), Yield ~ 1, ~ 1 | Batch),
  model("dyestuff2", "Dyestuff2", Yield ~ 1 + (1 | Batch), Yield ~ 1, ~ 1 | Batch),
  model("orthodont_intercept", "Orthodont", distance ~ age * Sex + (1 | Subject),
        distance ~ age * Sex, ~ 1 | Subject),
  model("orthodont_slope", "Orthodont", distance ~ age * Sex + (age | Subject),
        distance ~ age * Sex, ~ age | Subject),
  model("penicillin", "Penicillin", diameter ~ 1 + (1 | plate) + (1 | sample)),
  model("pastes", "Pastes", strength ~ 1 + (1 | batch / cask), strength ~ 1, ~ 1 | batch / cask),
  model("simulated_q3", "simulated_q3", y ~ x1 + x2 + (x1 + x2 | g), y ~ x1 + x2, ~ x1 + x2 | g)
)

versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                 lme4 = as.character(packageVersion("lme4")),
                 nlme = as.character(packageVersion("nlme")),
                 lmerTest = as.character(packageVersion("lmerTest")))

plain <- function(x) gsub(" +", " ", paste(deparse(x, width.cutoff = 500), collapse = " "))

make_one <- function(m, method) {
  REML <- method == "REML"
  name <- paste(m$name, tolower(method), sep = "_")
  message(name)
  found <- suppressWarnings(suppressMessages(tight_theta(m$formula, get(m$data), REML)))
  fit <- suppressWarnings(suppressMessages(lmer_at(m$formula, m$data, REML, found$theta)))
  out <- list(name = name, data = m$data, method = method, formula = plain(m$formula),
              call = sprintf("lmer(%s, data = %s, REML = %s)", plain(m$formula), m$data, REML),
              versions = versions, lme4 = take_lmer(fit, found, profiled = !REML))
  if (!is.null(m$fixed)) {
    out$fixed <- plain(m$fixed)
    out$random <- plain(m$random)
    out$nlme_call <- sprintf("lme(%s, data = %s, random = %s, method = \"%s\")",
                             out$fixed, m$data, out$random, method)
    out$nlme <- take_lme(tight_lme(m$fixed, m$random, m$data, method))
  }
  write_json(out, name)
}

for (m in models) for (method in c("ML", "REML")) make_one(m, method)

for (method in c("ML", "REML")) {
  name <- paste("hlm_mean", tolower(method), sep = "_")
  write_json(list(name = name, data = "HLM", method = method, formula = "Satisfaction ~ 1",
                  nlme_call = sprintf("gls(Satisfaction ~ 1, data = HLM, method = \"%s\")", method),
                  versions = versions,
                  nlme = take_gls(gls(Satisfaction ~ 1, data = HLM, method = method))), name)
}

# ---- the tutorial, as it is typed there --------------------------------------------------------

model1 <- gls(Satisfaction ~ 1, data = data, method = "ML", na.action = "na.omit")
model2 <- lme(Satisfaction ~ 1, data = data, method = "ML", na.action = "na.omit", random = ~1|Time)
model2.1 <- lmer(Satisfaction ~ 1 + (1 | Time), REML = FALSE, data = data)
model3 <- lme(Satisfaction ~ NPD, data = data, method = "ML", na.action = "na.omit", random = ~1|Time)
model3.1 <- lmer(Satisfaction ~ 1 + NPD + (1 | Time), REML = FALSE, data = data)
model4 <- lme(Satisfaction ~ NPD, data = data, method = "ML", na.action = "na.omit",
              random = ~NPD|Time, control = lmeControl(msMaxIter = 200))
model3withBPD <- lme(Satisfaction ~ NPD + BPD + BPD*NPD, data = data, method = "ML",
                     na.action = "na.omit", random = ~1|Time)
model3withBPD.1 <- lmer(Satisfaction ~ NPD + BPD + BPD*NPD + (1 | Time), REML = FALSE, data = data)
model4.1 <- suppressMessages(lmer(Satisfaction ~ NPD + (NPD | Time), REML = FALSE, data = data))

tutorial <- list(model1_gls = model1, model2_lme = model2, model2.1_lmer = model2.1,
                 model3_lme = model3, model3.1_lmer = model3.1, model4_lme = model4,
                 model4.1_lmer = model4.1, interaction_lme = model3withBPD,
                 interaction_lmer = model3withBPD.1)
for (name in names(tutorial)) write_print(summary(tutorial[[name]]), paste0(name, "_summary"))
write_print(model1, "model1_gls_print")
write_print(model2, "model2_lme_print")
write_print(model2.1, "model2.1_lmer_print")
write_print(confint(model2.1, quiet = TRUE), "model2.1_confint")
write_print(VarCorr(model4), "model4_lme_varcorr")
write_print(VarCorr(model2.1), "model2.1_lmer_varcorr")

# What nlme's default optimiser makes of Model 4, printed in the tutorial; not the maximum.
write_json(list(name = "hlm_slope_printed", data = "HLM", method = "ML",
                nlme_call = plain(model4$call), versions = versions, nlme = take_lme(model4)),
           "hlm_slope_printed")

# Layouts the tutorial has not: REML, several factors, correlations of three effects.
write_print(summary(lmer(Reaction ~ Days + (Days | Subject), sleepstudy)), "sleepstudy_slope_lmer_reml")
write_print(summary(lmer(diameter ~ 1 + (1 | plate) + (1 | sample), Penicillin)), "penicillin_lmer_reml")
write_print(summary(lmer(strength ~ 1 + (1 | batch / cask), Pastes)), "pastes_lmer_reml")
write_print(summary(lme(strength ~ 1, Pastes, ~ 1 | batch / cask)), "pastes_lme_reml")
write_print(summary(lme(Reaction ~ Days, sleepstudy, ~ Days | Subject)), "sleepstudy_slope_lme_reml")
write_print(summary(lme(Reaction ~ Days, sleepstudy, list(Subject = pdDiag(~ Days)))),
            "sleepstudy_uncorrelated_lme_reml")
write_print(summary(lmer(Reaction ~ Days + (Days || Subject), sleepstudy)),
            "sleepstudy_uncorrelated_lmer_reml")
write_print(summary(lmer(y ~ x1 + x2 + (x1 + x2 | g), simulated_q3)), "simulated_q3_lmer_reml")
write_print(summary(lme(distance ~ age * Sex, Orthodont, ~ age | Subject)), "orthodont_slope_lme_reml")

# ---- comparisons -------------------------------------------------------------------------------

sleep1 <- lmer(Reaction ~ Days + (1 | Subject), sleepstudy, REML = FALSE)
sleep2 <- lmer(Reaction ~ Days + (Days || Subject), sleepstudy, REML = FALSE)
sleep3 <- lmer(Reaction ~ Days + (Days | Subject), sleepstudy, REML = FALSE)
sleep1.lme <- lme(Reaction ~ Days, sleepstudy, ~ 1 | Subject)
sleep3.lme <- lme(Reaction ~ Days, sleepstudy, ~ Days | Subject)

comparisons <- list(
  model1_model2 = anova(model1, model2),
  model3_model2 = anova(model3, model2),
  model3_model4 = anova(model3, model4),
  model3_interaction = anova(model3, model3withBPD),
  model2.1_model3.1 = anova(model2.1, model3.1),
  model1_to_interaction = anova(model1, model2, model3, model3withBPD),
  sleepstudy_chain = anova(sleep1, sleep2, sleep3),
  sleepstudy_reml_lme = anova(sleep1.lme, sleep3.lme)
)
for (name in names(comparisons)) write_print(comparisons[[name]], paste0("anova_", name))
write_json(c(list(versions = versions), lapply(comparisons, take_anova)), "anova")
write_print(anova(model3withBPD), "anova_interaction_terms")

# merTools::ICC is this, by REML, of the model with a random intercept alone.
icc <- function(formula, data, REML) {
  blocks <- as.data.frame(VarCorr(lmer_at(formula, data, REML, tight_theta(formula, get(data), REML)$theta)))
  blocks$vcov[1] / sum(blocks$vcov)
}
icc_of <- function(formula, data) list(REML = icc(formula, data, TRUE), ML = icc(formula, data, FALSE))
write_json(list(versions = versions,
                HLM = icc_of(Satisfaction ~ 1 + (1 | Time), "HLM"),
                sleepstudy = icc_of(Reaction ~ 1 + (1 | Subject), "sleepstudy"),
                Dyestuff = icc_of(Yield ~ 1 + (1 | Batch), "Dyestuff"),
                Dyestuff2 = icc_of(Yield ~ 1 + (1 | Batch), "Dyestuff2")), "icc")

# ---- predictions -------------------------------------------------------------------------------

# Rows of the data with their groups, by the population, and in groups that are not in the data.
take_predictions <- function(formula, data_name, REML, rows, groups) {
  data <- get(data_name)
  m <- lmer_at(formula, data_name, REML, tight_theta(formula, data, REML)$theta)
  known <- strangers <- data[rows, ]
  for (name in groups) strangers[[name]] <- factor("new")
  list(formula = plain(formula), data = data_name, REML = REML, rows = I(rows), groups = I(groups),
       group = I(unname(predict(m, known))),
       population = I(unname(predict(m, known, re.form = NA))),
       strangers = I(unname(predict(m, strangers, allow.new.levels = TRUE))))
}
write_json(list(versions = versions,
  sleepstudy = take_predictions(Reaction ~ Days + (Days | Subject), "sleepstudy", TRUE,
                                c(1L, 25L, 180L), "Subject"),
  orthodont = take_predictions(distance ~ age * Sex + (age | Subject), "Orthodont", FALSE,
                               c(1L, 50L, 108L), "Subject"),
  penicillin = take_predictions(diameter ~ 1 + (1 | plate) + (1 | sample), "Penicillin", TRUE,
                                c(1L, 70L, 144L), c("plate", "sample")),
  pastes = take_predictions(strength ~ 1 + (1 | batch / cask), "Pastes", TRUE,
                            c(1L, 30L, 60L), c("batch", "cask"))), "predict")
