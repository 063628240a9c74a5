# Riverline on this machine. Every target may be run again at any time.
SHELL = /bin/sh
.DEFAULT_GOAL = help
RIVERLINE = .venv/bin/riverline

.PHONY: help
help: ## Shows this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: environment
environment: ## Installs what is missing: Debian packages (root or sudo) and the virtualenv .venv
	@stack/bootstrap.sh

.PHONY: up
up: environment ## Starts everything and makes a first crawl; TARGETS=file.json crawls those sites
	@$(RIVERLINE) stack up $(if $(TARGETS),--targets '$(TARGETS)')

.PHONY: down
down: ## Stops everything that `make up` started; the data stay
	@$(RIVERLINE) stack down

.PHONY: clean-data
clean-data: ## Forgets all data, logs and passwords (not while the stack runs)
	@$(RIVERLINE) stack clean-data

.PHONY: test
test: environment ## Unit, contract and integration tests; the last against real servers of their own
	@stack/bootstrap.sh tests
	@.venv/bin/pytest $(PYTEST)

.PHONY: fuzz
fuzz: environment ## Some 20 000 requests made up from the API's description, as nobody, a user and an administrator: with stores in memory, and on the real servers
	@HYPOTHESIS_CASES=$(or $(CASES),120) .venv/bin/pytest tests/unit/api/test_schema.py tests/integration/test_api_schema.py $(PYTEST)

.PHONY: laws
laws: environment ## The laws that hold for any input, with other examples each time (in `make test` they are the same)
	@.venv/bin/pytest tests/unit -m hypothesis --hypothesis-profile=exploring $(PYTEST)

.PHONY: chaos
chaos: environment ## Kills, stops and overloads everything in turn under load (20 minutes); the table is artefacts/chaos.md
	@CHAOS=full .venv/bin/pytest tests/chaos $(PYTEST)

.PHONY: drill
drill: environment ## Makes a stage slow under load: alert, growth, and the end of it (5 minutes); it says how long each took
	@DRILL=whole .venv/bin/pytest tests/integration/test_drill.py -s $(PYTEST)

.PHONY: soak
soak: environment ## An hour (SOAK_MINUTES) of mixed load at half of capacity; the report is artefacts/soak.md
	@SOAK_MINUTES=$${SOAK_MINUTES:-60} .venv/bin/pytest tests/soak $(PYTEST)

.PHONY: check
check: environment ## Style, types and the direction of imports
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

.PHONY: lock
lock: environment ## Writes the locks anew from pyproject.toml and virtualenvs/content.in
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --group dev --generate-hashes --no-header --no-annotate \
		--output-file requirements.lock pyproject.toml
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--output-file virtualenvs/content.txt virtualenvs/content.in

.PHONY: vendor
vendor: environment ## Fetches the pages' JavaScript anew with npm, in the versions that the packages.json beside it name
	@.venv/bin/python -m api.web.vendor api/web/static/vendor tests/browser/vendor

.PHONY: units
units: environment ## Writes deploy/ anew from the programs of the stack: systemd's units and nginx's site
	@.venv/bin/python -m stack.units deploy/systemd
	@.venv/bin/python -m stack.front

.PHONY: kibana
kibana: environment ## Writes Kibana's saved objects anew from the charts of the pages
	@.venv/bin/python -m ops.kibana.build

.PHONY: audit
audit: environment ## Asks the registry's advisories about every locked package; says what it could not ask about
	@.venv/bin/python -m stack.advisories
