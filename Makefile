# The only list of commands. A fresh machine needs Python 3.11+ and make, nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
SOURCES := src tests $(wildcard benchmarks tools)
WORKERS ?= 3  # More than two cores have: tests wait for servers and disks half of their time.

.DEFAULT_GOAL := help
.PHONY: help setup run test bench lint fix constraints schema reference clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## Create .venv with everything pinned; instant when nothing changed

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Earned needs Python 3.11 or newer; name one with make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt hatchling editables
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	@touch $(STAMP)

run: setup  ## Start a server with a demonstration in it
	$(BIN)/earned demo --serve

test: export PYTHONDONTWRITEBYTECODE =  # Servers of the tests start faster when compiled once.
test: setup  ## Run every test, on SQLite and on PostgreSQL
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

bench: setup  ## Measure, as ratios to a limit taken in the same run
	$(BIN)/python -m benchmarks $(ARGS)

lint: setup  ## Check style, formatting, types and layers
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports

fix: setup  ## Repair what ruff can repair
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

# Resolves afresh in a throw-away environment, so that a dependency no longer needed disappears.
constraints:  ## Pin the newest versions of every dependency in constraints.txt
	rm -rf .constraints-venv
	$(PYTHON) -m venv .constraints-venv
	.constraints-venv/bin/python -m pip install --quiet hatchling editables
	.constraints-venv/bin/python -m pip install --quiet --no-build-isolation --editable '.[dev]'
	.constraints-venv/bin/python -m pip list --format freeze --exclude-editable --exclude pip --exclude setuptools | LC_ALL=C sort --ignore-case > constraints.txt
	rm -rf .constraints-venv

schema: setup  ## Write the first migration from the table definitions, until the first release
	$(BIN)/python tools/write_schema.py
	$(BIN)/python -m pytest --quiet tests/storage/test_migrations.py

reference: setup  ## Write docs/reference/api.md from the table of routes
	$(BIN)/python tools/write_api_reference.py

clean:  ## Remove the environment and every cache
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage
