# Everything stays inside the checkout; the only thing fetched is what constraints.txt pins.

VENV := .venv
PYTHON := $(VENV)/bin/python
INSTALLED := $(VENV)/installed-constraints.txt
.DEFAULT_GOAL := help
.PHONY: help up test test-second check format schema bench pins

help: ## List the commands.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-12s %s\n", $$1, $$2 }'

up: $(INSTALLED) ## Start everything on this machine; Ctrl-C stops it.
	@exec $(PYTHON) -m service up

test: check ## Run the whole suite: format, lint, types, imports, snapshots, tests.
	@echo "== tests"
	@$(PYTHON) -m pytest -n 2 --dist loadgroup $(PYTEST_ARGS)

test-second: $(INSTALLED) ## Run what depends on the server again, on PORTCULLIS_TEST_SECOND_DATABASE_URL.
	@echo "== tests on a second PostgreSQL"
	@PORTCULLIS_DATABASE_URL="$$PORTCULLIS_TEST_SECOND_DATABASE_URL" \
	  $(PYTHON) -m pytest -n 2 --dist loadgroup tests/storage tests/tenancy $(PYTEST_ARGS)

check: $(INSTALLED) ## Run all of the suite that needs no database.
	@echo "== format"
	@$(PYTHON) -m ruff format --check .
	@echo "== lint"
	@$(PYTHON) -m ruff check .
	@echo "== types"
	@$(PYTHON) -m mypy
	@echo "== imports"
	@$(PYTHON) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	@echo "== snapshots"
	@$(PYTHON) -m service schema --check
	@$(PYTHON) -m service roles --check

format: $(INSTALLED) ## Format the code and mend what the linter can.
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

schema: $(INSTALLED) ## Write the generated files: the GraphQL schema, the SQL schema, the table of roles.
	@$(PYTHON) -m service schema
	@$(PYTHON) -m service roles

bench: $(INSTALLED) ## Measure the hot queries against a bare endpoint.
	@$(PYTHON) -m bench

pins: ## Choose the newest versions of all dependencies anew (needs uv).
	uv pip compile --all-extras --generate-hashes --no-emit-index-url --no-header --universal \
	  --python-version 3.11 --only-binary :all: --quiet --upgrade -o constraints.txt pyproject.toml

# Installs again only when the pins have changed, whatever the files' times say.
$(INSTALLED): constraints.txt
	@if cmp -s constraints.txt $@; then touch $@; else \
	  set -e; \
	  $(VENV)/bin/python -c '' 2>/dev/null || { \
	    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do \
	      if $$candidate -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        found=$$candidate; break; \
	      fi; \
	    done; \
	    if [ -z "$$found" ]; then \
	      echo "Python 3.11 or newer with its venv module is needed (Debian: python3, python3-venv)." >&2; \
	      exit 1; \
	    fi; \
	    echo "== environment ($$($$found --version))"; \
	    $$found -m venv --clear $(VENV); \
	  }; \
	  echo "== dependencies"; \
	  $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes \
	    --only-binary :all: -r constraints.txt; \
	  cp constraints.txt $@; \
	fi
