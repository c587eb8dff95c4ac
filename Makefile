# Two commands matter: `make lab` opens the lessons, `make test` checks everything.
# Every target sets up what it needs first, and is quick the second time.

VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
WORKERS ?= 2

# The first Python on this machine that is 3.11 or later and can make a virtual environment.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
  $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  && echo $$p && break; done)

PIP_INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help lab test fuzz class hostile doors ways pyodide lint lessons site bench r venv clean

help:
	@echo 'make lab       open the lessons in JupyterLab     (make lab ARGS=--no-browser)'
	@echo 'make test      lint, then every test, in a browser too   (make test ARGS="-k cli")'
	@echo 'make fuzz      the tests of random tables and files, 500 examples each'
	@echo 'make class     a class of two hundred, graded in one run'
	@echo 'make hostile   the hostile notebooks once more, as an ordinary user'
	@echo 'make doors     the course as a site, live in a browser that reaches nothing else; every lesson opened again'
	@echo 'make ways      every way to install, in Pythons of their own, and other places than JupyterLab'
	@echo 'make pyodide   the tests of the numbers in a browser'"'"'s Python (needs node)'
	@echo 'make lint      ruff and codespell'
	@echo 'make lessons   build lessons/*.ipynb from lessons/source/*.md, and check them'
	@echo 'make site      write the course as a site, live in the browser, to site/   (make site ARGS=--serve)'
	@echo 'make bench     run every script in benchmarks/'
	@echo 'make r         run all R that is shown, in R; its numbers are kept for the tests   (make r ARGS=changed)'
	@echo 'make venv      set up .venv with all that the above need'
	@echo 'make clean     remove .venv and what tools left behind'

lab: $(VENV)/.lab
	$(BIN)/hlmteach lab $(ARGS)

# The browser tests drive a Chromium, and install one where there is none (tests/browser/conftest.py).
# One worker drives the browser while the others do the rest; WORKERS=0 runs all in one process.
test: lint
	$(BIN)/python -m pytest -n $(WORKERS) --no-loadscope-reorder $(ARGS)

fuzz: $(VENV)/.dev
	HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest -m fuzz -n $(WORKERS) tests/engine tests/datasets $(ARGS)

class: $(VENV)/.dev
	$(BIN)/python -m pytest -m whole_class tests/grading/test_class.py $(ARGS)

hostile: $(VENV)/.dev
	$(BIN)/python -m pytest -m whole_class tests/grading/test_ordinary_user.py $(ARGS)

doors: $(VENV)/.dev
	$(BIN)/python -m pytest -m doors tests/browser $(ARGS)

ways: $(VENV)/.dev
	$(BIN)/python -m pytest -m doors tests/doors $(ARGS)

pyodide: $(VENV)/.dev
	$(BIN)/python -m tests.doors.pyodide $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/codespell

lessons: $(VENV)/.dev
	$(BIN)/hlmteach lessons build
	$(BIN)/hlmteach lessons cheatsheet
	$(BIN)/hlmteach lessons check

site: $(VENV)/.dev
	$(BIN)/hlmteach site site $(ARGS)

# engine.py runs these four, and prints one table of all.
PARTS := refit replicates profile_intervals large_data
SCRIPTS := $(filter-out $(PARTS:%=benchmarks/%.py),$(wildcard benchmarks/[!_]*.py))

bench: $(VENV)/.dev
	@set -e; for script in $(SCRIPTS); do echo "== $$script"; $(BIN)/python $$script $(ARGS); done

# Needs R with nlme, lme4, merTools and jsonlite; `make test` does not.
r: $(VENV)/.dev
	$(BIN)/python -m tests.reference.shown $(ARGS)

venv: $(VENV)/.dev

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo 'hlmteach needs Python 3.11 or later with its venv module' \
	  '(Debian, Ubuntu: apt install python3-venv). Name one: make PYTHON=/path/to/python3 ...'; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.lab: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP_INSTALL) -e '.[lab]'
	@$(PIP_INSTALL) --only-binary pyreadstat pyreadstat || \
	  echo 'Without pyreadstat all works but .sav and .dta files.'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP_INSTALL) -e '.[dev]'
	@touch $@ $(VENV)/.lab

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
