# Runs R as the package shows it, and writes down what it printed and fitted:
# Rscript run_shown.R FOLDER, with FOLDER/jobs.json: a list of {id, code, rows}. See shown.py.
#
# Each snippet runs in a process of its own that has loaded nothing, in FOLDER. Where `rows` names a
# .csv file, its rows take the place of `data` once the snippet has drawn its own.

options(width = 120, digits = 10, device = function(...) pdf(NULL))

DRAWS <- "\\b(set\\.seed|rnorm|runif|sample)\\("

# The last expression that draws rows at random, or makes `data` or one of its columns (`known`) of
# them; 0 where none does.
last_drawing <- function(expressions, known) {
  texts <- vapply(expressions, function(one) paste(deparse(one), collapse = " "), "")
  seed <- grep("set\\.seed\\(", texts)
  if (!length(seed)) return(0)
  column <- sub("^data\\$(\\w+) <- .*", "\\1", texts)
  made <- which(grepl(DRAWS, texts) | grepl("^data <- ", texts) | column %in% known)
  max(made[made >= seed[1]])
}

put_rows <- function(env, file) {
  rows <- read.csv(file, check.names = FALSE)
  for (name in names(rows)) {
    own <- env$data[[name]]
    if (is.factor(own)) rows[[name]] <- factor(rows[[name]], levels = unique(rows[[name]]))
  }
  env$data <- rows[intersect(names(env$data), names(rows))]
}

# What nlme prints as standard errors; those of vcov() are smaller, by ML.
nlme_se <- function(fit) {
  table <- if (is.null(fit$tTable)) summary(fit)$tTable else fit$tTable
  table[, "Std.Error"]
}

of_fit <- function(fit) {
  se <- function(V) sqrt(diag(as.matrix(V)))
  likelihood <- c(as.numeric(logLik(fit)), AIC(fit), BIC(fit), sigma(fit), attr(logLik(fit), "df"))
  if (inherits(fit, "lm") || inherits(fit, "gls"))
    return(c(likelihood, coef(fit), se(vcov(fit)), nobs(fit)))
  parts <- if (inherits(fit, "lme")) {
    table <- nlme::VarCorr(fit)
    suppressWarnings(c(as.numeric(table), nlme::ranef(fit), nlme_se(fit)))
  } else {
    table <- as.data.frame(lme4::VarCorr(fit))
    c(table$vcov, table$sdcor, lapply(lme4::ranef(fit), as.list))
  }
  effects <- nlme::fixef(fit)
  unlist(c(likelihood, effects, se(vcov(fit)), parts))
}

is_fit <- function(value) inherits(value, c("lm", "gls", "lme", "merMod"))

numbers_in <- function(value) {
  if (is_fit(value)) return(of_fit(value))
  if (inherits(value, c("summary.merMod", "trellis")) || is.function(value)) return(numeric(0))
  if (is.factor(value) || is.character(value)) return(numeric(0))
  if (is.data.frame(value) && nrow(value) > 60) return(numeric(0))
  if (is.list(value)) return(unlist(lapply(unclass(value), numbers_in)))
  if (is.numeric(value) && length(value) <= 200) as.numeric(value) else numeric(0)
}

printed_numbers <- function(text) {
  found <- regmatches(text, gregexpr("-?[0-9]+\\.?[0-9]*(e[-+]?[0-9]+)?", text))
  as.numeric(unlist(found))
}

run <- function(job) {
  env <- new.env(parent = globalenv())
  env$install.packages <- function(...) invisible()
  warned <- character(0)
  numbers <- numeric(0)
  expressions <- parse(text = job$code, keep.source = FALSE)
  known <- if (!is.null(job$rows)) names(read.csv(job$rows, nrows = 1, check.names = FALSE))
  drawn <- if (is.null(job$rows)) 0 else last_drawing(expressions, known)
  problem <- tryCatch(
    withCallingHandlers({
      for (i in seq_along(expressions)) {
        printed <- capture.output({
          shown <- withVisible(eval(expressions[[i]], env))
          if (shown$visible) print(shown$value)
        })
        numbers <- c(numbers, printed_numbers(printed), if (shown$visible) numbers_in(shown$value))
        if (i == drawn) put_rows(env, job$rows)
      }
      for (name in ls(env)) {  # what was fitted, and the few numbers made of it
        value <- numbers_in(env[[name]])
        if (is_fit(env[[name]]) || length(value) <= 12) numbers <- c(numbers, value)
      }
      ""
    }, warning = function(w) {
      warned <<- c(warned, conditionMessage(w))
      invokeRestart("muffleWarning")
    }),
    error = function(e) conditionMessage(e)
  )
  numbers <- signif(numbers[is.finite(numbers)], 10)
  list(id = job$id, problem = problem, warned = unique(warned), numbers = sort(unique(numbers)))
}

main <- function(folder) {
  setwd(folder)
  jobs <- jsonlite::read_json("jobs.json")
  results <- lapply(jobs, function(job) {
    cat(job$id, "\n", file = stderr())
    alone <- parallel::mcparallel(suppressPackageStartupMessages(run(job)))
    parallel::mccollect(alone)[[1]]
  })
  used <- c("nlme", "lme4", "merTools", "foreign")
  versions <- lapply(setNames(used, used), function(name) as.character(packageVersion(name)))
  out <- list(R = as.character(getRversion()), packages = versions, results = results)
  jsonlite::write_json(out, "out.json", auto_unbox = TRUE, digits = NA)
}

main(commandArgs(trailingOnly = TRUE)[1])
