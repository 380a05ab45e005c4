# conductor-tui: `make run` and `make test` need Python 3.11 or newer and git, nothing else.
# Set-up goes into .venv, once, and again when pyproject.toml changes.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2
ARGS ?=
TESTS ?= tests

OLDER_CODEX := 0.144.4
CODEX_VERSIONS := .codex-versions
OLDER := $(CODEX_VERSIONS)/pypi-$(OLDER_CODEX)
NEWEST := $(CODEX_VERSIONS)/npm-newest

export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP := $(BIN)/python -m pip install --quiet
PYTEST := $(BIN)/python -m pytest -q

.PHONY: help run demo test lint format bench soak screenshots docs test-compat test-snapshots-update clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-22s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/.run ## Open the app on this clone, or on another repository (ARGS=/path/to/repository)
	@exec $(BIN)/conductor-tui $(ARGS)

demo: $(VENV)/.run ## See it work without an account: the real Codex with a scripted model
	@exec $(BIN)/conductor-tui demo $(ARGS)

test: lint ## Lint, then all tests (TESTS=tests/unit for a part, JOBS=4 for more at once)
	$(PYTEST) -n $(JOBS) --dist worksteal $(TESTS)

lint: $(VENV)/.dev ## Style, types, import borders
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## Format the code and apply the fixes of ruff
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## Start, key echo, bytes, CPU and memory beside a bare Textual app and Codex's own TUI
	$(BIN)/python -m tests.bench $(ARGS)

soak: $(VENV)/.dev ## Does it last? 200 windows, 32 turns at once, a long day (ARGS="--cycles 20 --turns 20" is shorter)
	$(BIN)/python -m tests.soak $(ARGS)

screenshots: $(VENV)/.dev ## Draw screenshots/ from the demo
	$(BIN)/python -m tests.screenshots $(ARGS)

docs: $(VENV)/.dev ## Write the generated parts of the guides: keys, settings, the command line's help
	$(BIN)/python -m tests.guides

test-compat: $(VENV)/.dev $(OLDER)/.fetched $(NEWEST)/.fetched ## End-to-end and contract tests with an older and with the newest Codex
	@for codex in "$$(cat $(OLDER)/.fetched)" "$$(cat $(NEWEST)/.fetched)"; do \
		"$$codex" --version && \
		CONDUCTOR_TUI_TEST_CODEX="$$codex" $(PYTEST) -n $(JOBS) --dist worksteal tests/contract tests/e2e || exit 1; \
	done

test-snapshots-update: $(VENV)/.dev ## Accept how the screens look now; read the difference before you commit it
	$(PYTEST) tests/snapshot --snapshot-update

clean: ## Remove everything that set-up and tests made
	rm -rf $(VENV) $(CODEX_VERSIONS) .cache .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis snapshot_report.html build dist
	find conductor_tui tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Set-up. The first Python that is new enough and can make virtual environments is taken.
$(BIN)/python:
	@for python in python3.13 python3.12 python3.11 python3.14 python3 python; do \
		if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Setting up $(VENV) with $$("$$python" --version)"; \
			exec "$$python" -m venv --clear $(VENV); \
		fi; \
	done; \
	echo "make: no usable Python found. conductor-tui needs Python 3.11 or newer with the venv module." >&2; \
	echo "      Debian and Ubuntu: apt install python3 python3-venv · Fedora: dnf install python3" >&2; \
	exit 1

$(VENV)/.run: pyproject.toml $(BIN)/python
	@echo "Installing conductor-tui with its Codex (about 140 MB, once)"
	@$(PIP) -e '.[bundled]'
	@$(BIN)/python -m compileall -q conductor_tui
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "Installing what the tests need"
	@$(PIP) --upgrade 'pip>=25.1'
	@$(PIP) --group dev
	@touch $@

$(OLDER)/.fetched: | $(VENV)/.run
	@$(PIP) --target $(OLDER) --no-deps 'openai-codex-cli-bin==$(OLDER_CODEX)'
	@find "$$PWD/$(OLDER)" -path '*/bin/codex' -type f > $@

$(NEWEST)/.fetched:
	@command -v npm >/dev/null || { echo "make: test-compat needs npm for the newest Codex" >&2; exit 1; }
	@npm install --silent --no-save --prefix $(NEWEST) @openai/codex@latest
	@find "$$PWD/$(NEWEST)/node_modules" -name codex -type f -perm -u+x ! -path '*/.bin/*' | head -n 1 > $@
	@test -s $@
