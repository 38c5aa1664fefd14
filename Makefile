# Everything a clone needs, from two tools: make and Python 3.11. `make help` lists the targets.
# Environments are made once; a stamp file beside each says which lock file it holds.

PYTHON ?= python3.11
PIP_INSTALL = -m pip install --quiet --disable-pip-version-check --no-input --no-deps --require-hashes
VENV = .venv
DATABRICKS = .venv-databricks
PART = .ci/part
# One more than CI has processors: there is always a test that waits for something.
PYTEST = -n 3

help: ## list these targets
	@echo "Gymhouse: make TARGET [NAME=value …]"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  DROPS=DIR          take these source files instead of the simulated chain (make run)"
	@echo "  ARGS='--help'      further options of the command behind run, spark, parity or profile"
	@echo "  GYMHOUSE_HOME=DIR  keep all data of a run there instead of in var/"
	@echo "  PYTHON=COMMAND     the Python 3.11 to build the environment with"

run: $(VENV)/.run ## set up, then land, build, gate and publish; ends with a report
	@if [ -n "$(DROPS)" ]; then set -- --drops "$(DROPS)"; else set --; fi; \
	$(VENV)/bin/python -m pipeline run "$$@" $(ARGS)

spark: $(VENV)/.spark ## build and test the same models on a local Spark with Delta (needs Java 17, Maven once)
	@$(VENV)/bin/python -m pipeline build --engine spark $(ARGS)

parity: $(VENV)/.spark ## build on DuckDB and on Spark from the same lake, and compare every table row for row
	@$(VENV)/bin/python -m pipeline parity $(ARGS)

test: lint parse pytest ## what CI runs: lint, parse for Databricks, all tests but the long ones

test-full: lint parse ## the same with the long tests
	@$(PART) "All tests" $(VENV)/bin/python -m pytest $(PYTEST)

profile: $(VENV)/.run ## print where the time of the last build went: per table, and the critical path
	@$(VENV)/bin/python -m pipeline profile $(ARGS)

docs: $(VENV)/.run ## build the dbt docs site as one static page
	@home="$${GYMHOUSE_HOME:-var}"; \
	if [ ! -f "$$home/warehouse/gymhouse.duckdb" ]; then \
	  echo "error: $$home holds no warehouse yet. Build it first: make run" >&2; exit 1; \
	fi; \
	DO_NOT_TRACK=1 DBT_TARGET_PATH="$$home/docs" DBT_LOG_PATH="$$home/logs" $(VENV)/bin/dbt --quiet docs generate --static && \
	echo "Open $$home/docs/static_index.html in a browser; it is one page and needs no server."

lint: $(VENV)/.dev ## check style: Python, SQL, YAML
	@$(PART) "Python style (ruff)" sh -c '$(VENV)/bin/ruff check --quiet . && $(VENV)/bin/ruff format --check --quiet .'
	@$(PART) "SQL style (sqlfluff)" env PYTHONWARNINGS=ignore \
	  $(VENV)/bin/sqlfluff lint --nocolor --disable-progress-bar .
	@$(PART) "YAML style (yamllint)" $(VENV)/bin/yamllint --strict .

format: $(VENV)/.dev ## put style right where a tool can: Python and SQL
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	$(VENV)/bin/sqlfluff fix --disable-progress-bar .

parse: $(DATABRICKS)/.made ## check every YAML key by parsing the project for Databricks (no network)
	@$(PART) "dbt parse for Databricks, warnings are errors" env \
	  DATABRICKS_HOST=localhost DATABRICKS_HTTP_PATH=/none DATABRICKS_TOKEN=none \
	  DBT_TARGET_PATH=$(DATABRICKS)/target DBT_LOG_PATH=$(DATABRICKS)/logs DO_NOT_TRACK=1 \
	  $(DATABRICKS)/bin/dbt --quiet --warn-error parse --target databricks --no-partial-parse

pytest: $(VENV)/.dev $(DATABRICKS)/.made ## run the tests but the long ones
	@$(PART) "Tests (pytest)" $(VENV)/bin/python -m pytest $(PYTEST) -m "not full"

lock: ## compile the lock files anew (needs uv and a package index)
	requirements/lock.sh

clean: ## remove environments and caches; data stays where it is
	rm -rf $(VENV) $(DATABRICKS) .pytest_cache .hypothesis .ruff_cache target logs
	@echo "Data of runs is untouched: var/, or wherever GYMHOUSE_HOME points."

# The run environment holds what `make run` needs; those of Spark and of the tests are the same folder with more in it.
$(VENV)/.run: requirements/run.txt
	@.ci/environment "$(PYTHON)" $(VENV) "the run environment (about a minute, once)"
	@$(VENV)/bin/python $(PIP_INSTALL) -r requirements/run.txt
	@touch $@

$(VENV)/.spark: requirements/spark.txt
	@.ci/environment "$(PYTHON)" $(VENV) "the environment with Spark (about a minute, once)"
	@$(VENV)/bin/python $(PIP_INSTALL) -r requirements/spark.txt
	@touch $(VENV)/.run $@

$(VENV)/.dev: requirements/dev.txt
	@.ci/environment "$(PYTHON)" $(VENV) "the test environment (about a minute, once)"
	@$(VENV)/bin/python $(PIP_INSTALL) -r requirements/dev.txt
	@touch $(VENV)/.run $(VENV)/.spark $@

$(DATABRICKS)/.made: requirements/databricks.txt
	@.ci/environment "$(PYTHON)" $(DATABRICKS) "the Databricks parsing environment (about a minute, once)"
	@$(DATABRICKS)/bin/python $(PIP_INSTALL) -r requirements/databricks.txt
	@touch $@

.PHONY: help run spark parity profile test test-full docs lint format parse pytest lock clean
