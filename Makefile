# Riverline on this machine. Every target may be run again at any time.
SHELL = /bin/sh
.DEFAULT_GOAL = help
RIVERLINE = .venv/bin/riverline
WORKERS = 3
# Hundreds of processes import the same modules: byte code is kept, whatever the environment says of that.
export PYTHONDONTWRITEBYTECODE =
# SEMANTIC=1 orders the first results by what they mean, too.
ifdef SEMANTIC
export RIVERLINE_SEARCH__SEMANTIC = on
endif

.PHONY: help
help: ## Shows this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: environment
environment: ## Installs what is missing: Debian packages (root or sudo) and the virtualenv .venv
	@ops/riverline_stack/bootstrap.sh

.PHONY: up
up: environment ## Starts everything and makes a first crawl; TARGETS=file.json crawls those sites, DEMO=people adds people, SEMANTIC=1 ranks by meaning, too
	@$(RIVERLINE) stack up $(if $(TARGETS),--targets '$(TARGETS)')
	@$(if $(filter people,$(DEMO)),$(RIVERLINE) load-demo --people)

.PHONY: down
down: ## Stops everything that `make up` started; data stay
	@$(RIVERLINE) stack down

.PHONY: clean-data
clean-data: ## Deletes all data, logs and passwords (not while the stack runs)
	@$(RIVERLINE) stack clean-data

.PHONY: test
test: environment ## All tests, those of servers on a stack of their own; what took longest is told at the end (WORKERS=3)
	@ops/riverline_stack/bootstrap.sh tests
	@.venv/bin/pytest --numprocesses $(WORKERS) --durations 30 --durations-min 1 $(PYTEST)

.PHONY: fuzz
fuzz: environment ## Generated requests against the API, as nobody, a user and an administrator, in memory and on real servers (CASES=120)
	@HYPOTHESIS_CASES=$(or $(CASES),120) .venv/bin/pytest tests/unit/api/test_schema.py tests/integration/test_api_schema.py $(PYTEST)

.PHONY: laws
laws: environment ## Property tests with other examples in every run; `make test` always takes the same (SEQUENCES=5000)
	@PAGE_SEQUENCES=$(or $(SEQUENCES),5000) MODEL_SEQUENCES=$(or $(SEQUENCES),5000) .venv/bin/pytest tests/unit tests/simulation -m hypothesis --hypothesis-profile=exploring $(PYTEST)

.PHONY: simulate
simulate: environment ## Simulates hours of outages in seconds, from seeds (COUNT=50, FIRST=1); SEED=17 replays that one in detail
	@PYTHONHASHSEED=0 .venv/bin/python -m tests.simulation $(SEED) --count $(or $(COUNT),50) --first $(or $(FIRST),1)

.PHONY: chaos
chaos: environment ## Kills, stops and overloads everything in turn under load, and keeps servers away for minutes (3 hours); results in artefacts/chaos.md and outages.md
	@CHAOS=full .venv/bin/pytest tests/chaos $(PYTEST)

.PHONY: deploy
deploy: ## Deploys to the hosts of an inventory, and shows what is healthy (INVENTORY=ops/ansible/examples/three-hosts)
	@ops/ansible/deploy.sh '$(or $(INVENTORY),$(error INVENTORY=folder))' $(PLAY)

.PHONY: cluster-chaos
cluster-chaos: environment ## Boots three hosts, deploys to them, powers hosts off, cuts them off and parts them (root, 10 GiB); results in artefacts/cluster.md
	@CLUSTER=full .venv/bin/pytest tests/cluster -s $(PYTEST)

# of tests/integration, those that ask the servers of compose.yaml by their addresses alone
ON_CONTAINERS := $(addprefix tests/integration/test_,analysis.py kibana_queries.py korean_search.py reindex.py spelling.py search_quality.py)

.PHONY: containers
containers: environment ## Builds the image, brings compose.yaml up on a Docker engine, makes a first crawl, runs integration tests, and removes all of it
	@CONTAINERS=yes .venv/bin/pytest -n0 tests/containers $(ON_CONTAINERS) $(PYTEST)

.PHONY: answers
answers: environment ## Asks the whole API while each server in turn is away, frozen or full (15 minutes); results in artefacts/answers*.md
	@ANSWERS=full .venv/bin/pytest tests/chaos/test_answers.py $(PYTEST)

.PHONY: drill
drill: environment ## Slows a stage under load: alert, scaling and recovery, with their times (5 minutes)
	@DRILL=whole .venv/bin/pytest tests/integration/test_drill.py -s $(PYTEST)

.PHONY: backlog
backlog: environment ## Works off 1 500 slow pages with one parser, at the rate of a plain loop (25 minutes)
	@DRILL=whole .venv/bin/pytest tests/integration/test_slow_backlog.py -s $(PYTEST)

.PHONY: soak
soak: environment ## An hour (SOAK_MINUTES=60) of mixed load at half of capacity; results in artefacts/soak.md
	@SOAK_MINUTES=$${SOAK_MINUTES:-60} .venv/bin/pytest tests/soak $(PYTEST)

.PHONY: check
check: environment ## Style, types and the direction of imports
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

.PHONY: docs
docs: environment ## Builds the documentation into artefacts/guide; fails on a dead link or a page outside the menu
	@NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict --quiet

.PHONY: lock
lock: environment ## Updates the locks from pyproject.toml and virtualenvs/content.in
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --group dev --generate-hashes --no-header --no-annotate \
		--output-file requirements.lock pyproject.toml
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--output-file virtualenvs/content.txt virtualenvs/content.in
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --group semantic --generate-hashes --no-header --no-annotate \
		--constraint requirements.lock --output-file requirements-semantic.lock

.PHONY: vendor
vendor: environment ## Fetches the pages' JavaScript with npm, in the versions that packages.json names
	@.venv/bin/python -m riverline_api.web.vendor api/riverline_api/web/static/vendor tests/browser/vendor

.PHONY: pictures
pictures: environment ## Takes the READMEs' pictures anew from the pages (needs Chromium); look at them afterwards
	@PICTURES=write .venv/bin/pytest tests/browser/test_pictures.py $(PYTEST)

.PHONY: units
units: environment ## Writes systemd's units, compose.yaml and nginx's site from the programs of the stack
	@.venv/bin/python -m riverline_stack.supervision.units ops/systemd
	@.venv/bin/python -m riverline_stack.supervision.compose
	@.venv/bin/python -m riverline_stack.servers.nginx_config

.PHONY: kibana
kibana: environment ## Writes Kibana's saved objects from the charts of the pages
	@.venv/bin/python -m ops.kibana.build

.PHONY: audit
audit: environment ## Checks every locked package against the registry's advisories, or OSV's of a file (DATABASE=all.zip)
	@.venv/bin/python -m riverline_stack.advisories $(DATABASE)

.PHONY: sbom
sbom: environment ## Writes what Riverline is made of to artefacts/sbom.cdx.json (CycloneDX)
	@.venv/bin/python -m riverline_stack.bill_of_materials
