.DEFAULT_GOAL := help
.ONESHELL:
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
# Airflow needs 6 s of CPU instead of 2 to start where no bytecode may be kept.
unexport PYTHONDONTWRITEBYTECODE

define install
	@if [ ! -x $(BIN)/python ]; then
	  echo "Making $(VENV) with $$($(PYTHON) --version)"
	  if command -v uv >/dev/null; then uv venv -q -p $(PYTHON) $(VENV); else $(PYTHON) -m venv $(VENV); fi
	fi
	echo "Installing $(1)"
	if command -v uv >/dev/null; then
	  install="uv pip install -q -p $(BIN)/python"
	else
	  $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	  $(BIN)/python -m pip install -q --upgrade pip || echo "pip could not be brought up to date: it will be slower"
	  install="$(BIN)/python -m pip install -q --no-compile --disable-pip-version-check"
	fi
	$$install --no-deps --require-hashes $(patsubst %,-r %,$(1)) || {
	  echo "The packages could not be installed. Is there a network, and a package index that pip may reach?" >&2
	  rm -f $@; exit 1
	}
	$$install --no-deps --no-build-isolation -e .
	touch $@
endef

$(VENV)/.run: requirements.txt requirements-sandbox.txt pyproject.toml
	$(call install,requirements.txt requirements-sandbox.txt)

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	$(call install,requirements-dev.txt)

.PHONY: help run run-once down test soak cases lint bench lock clean

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.run ## Watch this machine: embedded PostgreSQL, a small cloud, Airflow; Ctrl-C ends all of it
	@exec $(BIN)/python -m sandbox run

run-once: $(VENV)/.run ## The same without a terminal: checks what happened, writes .run/summary.json, ends
	@exec $(BIN)/python -m sandbox run-once

down: $(VENV)/.run ## End what an earlier run left behind
	@exec $(BIN)/python -m sandbox down

test: $(VENV)/.dev ## Run the tests, on every core (ARGS="-k story" for some of them)
	@exec $(BIN)/python -m pytest -n logical --dist loadfile $(ARGS)

soak: $(VENV)/.dev ## Kill, cut off and deny at random for MINUTES=10, then follow more schedules of collection
	@WATCHBILL_EVERY_POINT=1 $(BIN)/python -m pytest -q -o timeout=0 tests/faults/test_kill_at_every_point.py \
	  tests/contract/dashboards/test_kills.py
	$(BIN)/python -m tests.faults --minutes $${MINUTES:-10}
	WATCHBILL_EXAMPLES=$${WATCHBILL_EXAMPLES:-500} exec timeout $${SOAK:-30m} $(BIN)/python -m pytest \
	  -o timeout=0 --hypothesis-show-statistics tests/contract/test_any_schedule.py $(ARGS)

lint: $(VENV)/.dev ## ruff, mypy strict on plugins/watchbill, and the import contracts
	@$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=plugins $(BIN)/lint-imports

bench: $(VENV)/.dev ## Measure: ratios against named baselines, CPU seconds, peak memory
	@exec $(BIN)/python -m benchmarks

lock: ## Write the locks anew from the .in files (needs uv)
	@for name in requirements requirements-sandbox requirements-dev; do
	  uv pip compile -q -p 3.11 --universal --generate-hashes --no-annotate -o $$name.txt $$name.in
	done
	echo "With another datadog-api-client: PYTHONPATH=plugins python -m watchbill.dashboards.validate.datadog_client"

clean: down ## Remove .run and .venv
	@rm -rf .run $(VENV)
