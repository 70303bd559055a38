# Two commands are all a newcomer needs: `make run` and `make test`.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help run test test-full lint unit locks clean

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .venv/.run static/vendor/.filled ## Install what is missing, load the demonstration and serve http://127.0.0.1:8000
	@AUDIT_DEMO=1 exec $(BIN)/audit-app serve --prepare

test: .venv/.dev static/vendor/.filled lint unit ## Every check, within 12 minutes on 2 cores

test-full: .venv/.dev static/vendor/.filled lint ## The checks of `test` on both databases, and the long ones
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder --full -m "not browser"
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --full -m browser

lint: .venv/.dev ## Style, types, import order, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates reports --lint --quiet

unit: .venv/.dev static/vendor/.filled ## The tests
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not full and not browser"
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not full and browser"

.venv/.run: locks/run.txt
	@echo "Installing what the program needs (about a minute) …"
	@$(PYTHON) audit_app/doctor.py --install
	@test -d .venv || $(PYTHON) -m venv .venv
	@test .venv/.dev -nt locks/dev.txt || $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r locks/run.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: locks/dev.txt
	@echo "Installing what the program and its tests need (about two minutes) …"
	@$(PYTHON) audit_app/doctor.py --install --tests
	@test -d .venv || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r locks/dev.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ .venv/.run

static/vendor/.filled: package-lock.json static/icons.txt static/vendor.mjs
	@echo "Fetching the front-end parts and fonts …"
	@npm ci --silent --no-audit --no-fund
	@npm run --silent vendor
	@rm -rf node_modules
	@touch $@

locks: ## Make the lock files anew from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra build --generate-hashes --no-emit-index-url --no-annotate --no-header -q -o locks/run.txt
	uv pip compile pyproject.toml --extra build --extra dev --generate-hashes --no-emit-index-url --no-annotate --no-header -q -o locks/dev.txt

clean: ## Remove everything that was installed or made (not your data)
	rm -rf .venv node_modules static/vendor reports/fonts .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
