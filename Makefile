# Livro Caixa on a laptop. Needs make and Python 3.11 to 3.14; everything else is installed here.
# Everything that is not in this list is a command of `.venv/bin/python -m …`; README has the table.

# The first of these that is new enough. `make PYTHON=python3.12 …` chooses another one.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
LOCAL := $(BIN)/python -m local

.DEFAULT_GOAL := help
.PHONY: help setup run demo import close-day chalice-local test test-pages check format simulate drill bench bench-cold rehearse deploy destroy clean

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:
	@test -n "$(PYTHON)" || { echo "No Python from 3.11 to 3.14 found; install python3, or set PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -m local.setup

run: setup ## Start the whole system on this machine and stay; Ctrl-C stops it and keeps the data
	@exec $(LOCAL) run --parent-pid $$PPID

demo: setup ## Record three months of a bakery's entries, and print a month's daily balances
	@exec $(LOCAL) demo

import: setup ## Import a bank file: make import FILE=extrato.ofx [ACCOUNT=bank] [PRESET=…] [MAPPING=columns.json]
	@exec $(LOCAL) import $(if $(FILE),"$(FILE)") $(if $(ACCOUNT),"$(ACCOUNT)") \
		$(if $(PRESET),--preset "$(PRESET)") $(if $(MAPPING),--mapping "$(MAPPING)")

close-day: setup ## Close the open days of all merchants up to a day: make close-day DAY=2026-11-22
	@exec $(LOCAL) close-day $(DAY)

chalice-local: setup ## Serve only the REST routes, by `chalice local`, from the code as it is edited
	@exec $(LOCAL) chalice-local --parent-pid $$PPID

test: setup ## Run the tests on real stores: make test [ARGS="tests/ledger -x"] [WORKERS=4]
	@$(BIN)/python -m pytest --numprocesses $(or $(WORKERS),4) --dist loadfile \
		--no-loadscope-reorder --ignore=tests/browser $(ARGS)

test-pages: ## Test the pages in a headless browser: make test-pages [PAGE_ARGS="-k reverse"]
	@test -n "$(PYTHON)" || { echo "No Python from 3.11 to 3.14 found; install python3, or set PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -m local.setup pages
	@$(BIN)/python -m pytest tests/browser $(PAGE_ARGS)

check: setup ## Check format, lint, types and import rules, then run every test, also in a browser
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test
	@$(MAKE) --no-print-directory test-pages

format: setup ## Format the code, and fix what the linter can fix
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

simulate: setup ## Simulate crashes and lost responses: make simulate [SEEDS=2000] [FIRST=0], or SEED=7
	@exec $(BIN)/python -m verification.simulation $(if $(SEED),--seed $(SEED)) \
		$(if $(SEEDS),--seeds $(SEEDS)) $(if $(FIRST),--first $(FIRST)) $(ARGS)

drill: setup ## Kill real processes while entries are written: make drill [KILLS=300] [ENTRIES=20000] [SEED=1]
	@exec $(BIN)/python -m verification.fault_injection $(if $(KILLS),--kills $(KILLS)) \
		$(if $(ENTRIES),--entries $(ENTRIES)) $(if $(SEED),--seed $(SEED))

bench: setup ## Compare the speed with simpler ways to do the same: make bench [ARGS="--only load"]
	@exec $(BIN)/python -m verification.benchmarks $(ARGS)

bench-cold: setup ## Measure the first invocation of each function: make bench-cold [ARGS="--rounds 9"]
	@exec $(BIN)/python -m verification.benchmarks.cold_start $(ARGS)

rehearse: setup ## Check an AWS account for a stage, without changing it: make rehearse STAGE=trial
	@exec $(BIN)/python -m deploy rehearse $(STAGE)

deploy: setup ## Create or update a stage in AWS: make deploy STAGE=trial
	@exec $(BIN)/python -m deploy up $(STAGE)

destroy: setup ## Remove a stage from AWS, unless it is protected: make destroy STAGE=trial
	@exec $(BIN)/python -m deploy destroy $(STAGE)

clean: ## Remove the laptop's data, the environments and every cache
	@$(PYTHON) -m local.clean
