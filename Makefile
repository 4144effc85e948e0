# Livro Caixa on a laptop. Needs make and Python 3.11 or newer; all else is installed here.

PYTHON ?= $(shell for one in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$one -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$one && break; done)
BIN := .venv/bin
LOCAL := $(BIN)/python -m local
USERS := viewer operator accountant rival machine

.DEFAULT_GOAL := help
.PHONY: help setup run chalice-local demo token close-day rebuild test check format bundle audit deploy cost destroy simulate bench drill load proof bench-cold clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make the Python environments (the other commands do so when needed)
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer found; set PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -m local.setup

run: setup ## Start the laptop cloud and stay; Ctrl-C stops it and keeps the data
	@exec $(LOCAL) run --with-owner $$PPID

chalice-local: setup ## Serve the REST routes alone by `chalice local`, on a running cloud's stores
	@exec $(LOCAL) chalice-local --with-owner $$PPID

demo: setup ## Record a quarter of a bakery's entries and print a month's daily balances
	@exec $(LOCAL) demo

token: setup ## Print an access token: make token USER=viewer|operator|accountant|rival
	@exec $(LOCAL) token $(if $(or $(filter command,$(origin USER)),$(filter $(USERS),$(USER))),$(USER),operator)

close-day: setup ## Close a day of all merchants: make close-day DAY=2026-11-22
	@exec $(LOCAL) close-day $(DAY)

rebuild: setup ## Make the read model again from the ledger: make rebuild [STAGE=trial] [MERCHANT=padaria]
	@exec $(if $(STAGE),$(BIN)/python -m deploy rebuild $(STAGE),$(LOCAL) rebuild) $(MERCHANT) \
		$(if $(POSITION),--position $(POSITION))

test: setup ## Run every test on real stores: make test [ARGS="tests/ledger -x"] [WORKERS=2]
	@$(BIN)/python -m pytest --numprocesses $(or $(WORKERS),2) --dist loadfile $(ARGS)

check: setup ## Format, lint, types, import rules and house rules, then every test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

format: setup ## Format the code and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bundle: setup ## Make the zip that is shipped to Lambda, and tell its size and hash
	@$(BIN)/python -m deploy bundle

audit: setup ## Ask OSV whether anything shipped has a known vulnerability
	@exec $(BIN)/python -m deploy audit

deploy: setup ## Bring a stage up in AWS, or up to date: make deploy STAGE=trial
	@exec $(BIN)/python -m deploy up $(STAGE)

cost: setup ## Count what the handlers take, and print what a month of it costs
	@exec $(BIN)/python -m infrastructure.cost

destroy: setup ## Take a stage away, unless it is protected: make destroy STAGE=trial
	@exec $(BIN)/python -m deploy destroy $(STAGE)

simulate: setup ## Simulate crashes and lost answers: make simulate [SEEDS=2000] [FIRST=0], or SEED=7
	@exec $(BIN)/python -m verification.simulation $(if $(SEED),--seed $(SEED)) \
		$(if $(SEEDS),--seeds $(SEEDS)) $(if $(FIRST),--first $(FIRST)) $(ARGS)

bench: ## Measure speed beside peers: make bench [ENTRIES=1000000] [ROUNDS=7] [ONLY="handler reads"]
	@$(PYTHON) -m local.setup bench
	@exec .venv-bench/bin/python -m verification.benchmarks $(if $(ENTRIES),--entries $(ENTRIES)) \
		$(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(ONLY),--only $(ONLY))

drill: setup ## Real faults on a laptop cloud of its own: make drill [KILLS=300] [ENTRIES=20000] [SEED=1]
	@exec $(BIN)/python -m verification.fault_injection $(if $(KILLS),--kills $(KILLS)) \
		$(if $(ENTRIES),--entries $(ENTRIES)) $(if $(SEED),--seed $(SEED))

load: setup ## Reads under load while entries are written: make load [SECONDS=60]
	@exec $(BIN)/python -m verification.load $(if $(SECONDS),--seconds $(SECONDS))

proof: setup ## Simulation, drill, load and bench, and the report card of all: make proof [ARGS=--collect]
	@$(PYTHON) -m local.setup bench
	@exec $(BIN)/python -m verification $(ARGS)

bench-cold: setup ## Print what each first invocation costs, beside its libraries: make bench-cold [ROUNDS=9]
	@exec $(BIN)/python -m verification.benchmarks.cold_start $(if $(ROUNDS),--rounds $(ROUNDS))

clean: ## Remove the laptop cloud with its data, the environments and every cache
	@$(PYTHON) -m local.clean
