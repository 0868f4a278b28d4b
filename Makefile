# Everything a person or CI needs; `make run` and `make test` are the two to know.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# Tests by marker; kills and deploy have targets of their own.
FAST   := not live and not kills and not deploy and not slow and not embedded
SLOW   := not live and not kills and not deploy and (slow or embedded)

.PHONY: help run ui test test-slow test-kills test-deploy check format live benchmark benchmark-evidence screenshots clean
.DEFAULT_GOAL := help

help:
	@echo "make run                 scan data/, let all agents report, compare them"
	@echo "make ui                  the Dagster UI at http://127.0.0.1:3000"
	@echo "make test                the tests that take seconds, over all cores"
	@echo "make test-slow           those with the real daemon, browser, model and processes; about 10 minutes"
	@echo "make test-kills          a backfill whose processes are killed, one of each kind; about 5 minutes"
	@echo "make test-deploy         docs/deploy.md with PostgreSQL, Redis and two workers; about 5 minutes"
	@echo "make check               ruff, pyright, and that Dagster loads the definitions"
	@echo "make live                the tests that need a real Ollama (OLLAMA_HOST, or its usual port)"
	@echo "make screenshots         the pictures of docs/first-run.md, from the real UI"
	@echo "make benchmark           how long a report takes, and where the time goes"
	@echo "make benchmark-evidence  how fast folders are read, beside sha256sum, dvc, git and DuckDB"
	@echo "make clean               remove what was generated: data/out and the virtual environment"

# One stamp for each set of packages; a change of either file installs again.
$(VENV)/run: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "benchagent needs Python 3.11 or newer; set one with: make PYTHON=python3.12 …"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "no virtual environment could be made; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "Installing packages into $(VENV) (once; about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[embedded]'
	@touch $@

$(VENV)/dev: $(VENV)/run
	@echo "Installing what the tests need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[embedded,dev]'
	@touch $@

run: $(VENV)/run
	@$(BIN)/benchagent run

ui: $(VENV)/run
	@$(BIN)/benchagent ui

test: $(VENV)/dev
	@$(BIN)/pytest -n auto --dist loadfile -m "$(FAST)"

# Two at a time: each has a daemon, a browser or a model of its own.
test-slow: $(VENV)/dev
	@$(BIN)/pytest -n 2 --dist loadfile -m "$(SLOW)"

$(VENV)/deploy: $(VENV)/dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[embedded,deploy,dev]'
	@touch $@

test-kills: $(VENV)/dev
	@$(BIN)/pytest -m kills

test-deploy: $(VENV)/deploy
	@$(BIN)/pytest -m deploy

check: $(VENV)/dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright
	@$(BIN)/dagster definitions validate -m benchagent.definitions > $(VENV)/validate.log 2>&1 || \
	  { cat $(VENV)/validate.log; exit 1; }
	@echo "make check: all well"

format: $(VENV)/dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

live: $(VENV)/dev
	@$(BIN)/pytest -m live

# The pictures of docs/first-run.md, from the real UI; needs a Chromium.
screenshots: $(VENV)/dev
	@BENCHAGENT_PICTURES=$(CURDIR)/docs/images $(BIN)/pytest --basetemp=/tmp/benchagent-pictures \
	  -k pictures benchagent_tests/defs/test_through_the_daemon.py

benchmark: $(VENV)/run
	@$(BIN)/python benchmarks/first_report.py

benchmark-evidence: $(VENV)/run
	@$(BIN)/python benchmarks/evidence.py

clean:
	rm -rf $(VENV) data/out
