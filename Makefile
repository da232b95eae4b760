# Everything is done by small scripts in tools/ that run wherever Python does; this file only names them.
# A system needs python3 (3.11 or newer) with its venv module, make and git. Node and the browser bring themselves.
PYTHON ?= python3
ARGS ?=
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: run setup dev test test-full check format bench results tables shots pin wheel clean help

run: setup ## Prepare what is missing, then start Torchglass and open it (options: ARGS="--port 8001")
	@exec $(BIN)/torchglass serve $(ARGS)

setup: ## Prepare .venv, the built front end and the bundled data; start nothing
	@$(PYTHON) tools/setup_env.py

dev: setup-dev ## The page from the server, its scripts from Vite with hot reload
	@exec $(BIN)/python tools/run_dev.py $(ARGS)

test: setup-dev ## Everything that must hold before a change lands: linters, types, all test tiers
	@$(BIN)/python tools/run_tests.py $(ARGS)

test-full: setup-dev ## The nightly tier: thousands of random networks, load at full size
	@$(BIN)/python tools/run_tests.py --full $(ARGS)

check: ## Linters and types only (one of them: ARGS=types)
	@$(PYTHON) tools/setup_env.py --dev --only venv
	@$(BIN)/python tools/run_checks.py $(ARGS)

format: ## Lay out and mend what linters can mend by themselves
	@$(PYTHON) tools/setup_env.py --dev --only venv
	@$(BIN)/ruff check --fix-only . && $(BIN)/ruff format .
	@$(BIN)/python tools/nodejs.py run --silent format

bench: setup-dev ## Every figure that the README quotes, in at most ten minutes (one of them: ARGS=NAME)
	@$(BIN)/python tools/run_bench.py $(ARGS)

results: setup ## The promises of the presets: median of 5 seeds, written to docs/results.md
	@$(BIN)/python tools/run_results.py $(ARGS)

tables: setup ## The tables of the lecture beside the published figures: ARGS="dropout --size small"
	@$(BIN)/python tools/run_tables.py $(ARGS)

shots: setup-dev ## Pictures of every state of the page, in shots/ (git-ignored)
	@$(BIN)/python tools/take_shots.py $(ARGS)

pin: setup-dev ## Write constraints.txt from what is installed in .venv
	@$(BIN)/python tools/pin_versions.py

wheel: setup-dev ## Build the wheel into dist/, page and data inside
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist .

clean: ## Remove everything that the tools made, .venv included
	rm -rf .venv dist build shots frontend/node_modules frontend/dist backend/torchglass/static \
		backend/torchglass/datasets/bundled/*.npy backend/torchglass/datasets/bundled/*.txt \
		backend/torchglass/datasets/bundled/.torchglass-stamp* \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

help: ## This list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | \
		while IFS='|' read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done

.PHONY: setup-dev
setup-dev:
	@$(PYTHON) tools/setup_env.py --dev
