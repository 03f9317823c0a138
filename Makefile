# Comptoir. Every target sets up what it needs first, in .venv; nothing is installed beside the checkout unless a line says so.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

CUSTOMERS ?= 2000
SEEDS ?= 2000
KILLS ?= 300
BADGES ?= 200
INPUTS ?= 1000000
PREFIX ?= /opt/comptoir
DESTDIR ?=

BIN := .venv/bin
DEMO := .venv/.demo-installed
DEVELOPMENT := .venv/.development-installed

.PHONY: help demo test check coverage simulate mutants blackbox badges fuzz bench peers features install lock clean

help: ## This list
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(DEMO) ## A whole chain on this machine: broker, hub, three tills (CUSTOMERS=2000)
	@exec $(BIN)/python -P -m daemon demo --customers $(CUSTOMERS)

test: check $(DEVELOPMENT) ## Everything: static checks, then all tests
	@.ci/packages mosquitto gcc libc6-dev
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --features-record=.pytest_cache/features.json

check: $(DEVELOPMENT) ## Static checks, in seconds: format, lint, types, import contracts, tidiness
	@$(BIN)/ruff format --check --quiet . || { echo "to mend: $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pytest -q tests/tidy

coverage: $(DEVELOPMENT) ## Branch coverage: all of the pure rules, 95 % of the rest
	$(BIN)/python -m pytest --cov --cov-report=
	$(BIN)/coverage report --skip-covered --include="daemon/domain/*" --fail-under=100
	$(BIN)/coverage report --skip-covered --omit="daemon/domain/*" --fail-under=95

simulate: $(DEVELOPMENT) ## Seeded faults against the real hub and tills in virtual time (SEEDS=2000: some five minutes on two cores)
	@exec $(BIN)/python -m tests.simulation --seeds $(SEEDS)

mutants: $(DEVELOPMENT) ## Planted bugs that the simulation must catch
	@exec $(BIN)/python -m tests.simulation.mutants

blackbox: $(DEVELOPMENT) ## Random kill -9 of tills, hub and broker under load, on lines that cut and double (KILLS=300)
	@.ci/packages mosquitto
	@exec $(BIN)/python -m tests.blackbox --kills $(KILLS)

badges: $(DEVELOPMENT) ## Random kill -9 of a till that prints badges: none twice, none lost in silence (BADGES=200)
	@exec $(BIN)/python -m tests.blackbox.badges --badges $(BADGES)

fuzz: $(DEVELOPMENT) ## Damaged input for every parser, on two cores (INPUTS=1000000 each)
	@exec $(BIN)/python -m tests.fuzz --inputs $(INPUTS)

bench: $(DEVELOPMENT) ## Measurements as ratios to a floor of the same run
	@exec $(BIN)/python -m tests.bench

peers: $(DEVELOPMENT) ## The exchange benchmark on other libraries, side by side (installs them beside their adapters)
	@exec $(BIN)/python -m tests.bench.peers

features: $(DEVELOPMENT) ## What of docs/features.md the passing tests drive
	@$(BIN)/python -m tests.features

install: ## Environment, units and configuration of this machine, as root (DESTDIR= PREFIX=/opt/comptoir)
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" .ci/install

lock: $(DEVELOPMENT) ## Locks the dependencies again after a change of pyproject.toml or .ci/*.in
	.ci/lock

clean: ## Removes the environment and everything generated
	rm -rf .venv .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage dist build
	rm -rf tests/bench/peers/*/.venv tests/bench/peers/*/node_modules tests/independents/*/.venv tests/independents/*/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The checkout itself is installed without a look at the network: hatchling comes from the lock.
$(DEMO): requirements.lock .ci/demo.lock .ci/environment pyproject.toml
	@.ci/environment .venv requirements.lock .ci/demo.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-index --no-build-isolation --editable .
	@touch $@

$(DEVELOPMENT): $(DEMO) .ci/development.lock
	@.ci/environment .venv .ci/development.lock
	@touch $@
