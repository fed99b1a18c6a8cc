# Everything a person runs here. `make demo` and `make test` set up what they need by themselves.

# The first Python that is new enough; say `make PYTHON=…` for another.
ifeq ($(origin PYTHON), undefined)
PYTHON := $(firstword $(foreach name, python3 python3.12 python3.11 python3.13 python, \
	$(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $(name))))
endif
VENV := .venv
BIN := $(VENV)/bin
HOME_FOLDER ?= var
READY := $(VENV)/.ready
SQL := $(shell find dbt_project -name '*.sql' -not -path '*/target/*')

export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export GX_ANALYTICS_ENABLED := false
export AIRFLOW__USAGE_DATA_COLLECTION__ENABLED := False
# Each of the many processes of the tests would compile the modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo quick unit test lint lint-style lint-types lint-layers lint-dependencies lint-generated lint-sql format up down bench lock clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(READY) ## Run the main job on the ISO SOS example and show what came out
	@deploy/system-packages.sh run
	@$(BIN)/vuosikello demo --home $(HOME_FOLDER)/demo

quick: $(READY) ## Lint, types and every unit test, in about a minute
	@began=$$(date +%s); $(MAKE) --no-print-directory -j2 --output-sync=target lint unit \
		&& echo "make quick: $$(($$(date +%s) - began)) s"

unit: $(READY) ## Run the unit tests
	@$(BIN)/pytest -q -n 2 tests/unit

test: $(READY) ## Check the code and run every test
	@deploy/system-packages.sh test
	@$(MAKE) --no-print-directory -j2 --output-sync=target lint
	@$(BIN)/pytest -n 2

lint: lint-types lint-sql lint-style lint-layers lint-dependencies lint-generated ## Check style, types, SQL, layers and generated files

lint-style: $(READY)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .

lint-types: $(READY)
	@$(BIN)/mypy --no-error-summary

lint-layers: $(READY)
	@$(BIN)/lint-imports --no-logo >.lint-imports.log 2>&1 || (cat .lint-imports.log; rm -f .lint-imports.log; false)
	@rm -f .lint-imports.log

lint-generated: $(READY)
	@$(BIN)/python -m vuosikello.warehouse.indicator_declarations --check
	@$(BIN)/python -m vuosikello.docs_site.reference --check

lint-dependencies: $(READY)
	@$(BIN)/deptry . >.deptry.log 2>&1 || (cat .deptry.log; rm -f .deptry.log; false)
	@rm -f .deptry.log

lint-sql: .lint/sql

# sqlfluff reads every model with its macros: only what has changed since the last time is read anew.
.lint/sql: $(SQL) .sqlfluff | $(READY)
	@mkdir -p .lint
	@$(BIN)/sqlfluff lint --nocolor --disable-progress-bar --processes 2 \
		$(if $(filter dbt_project/macros/% .sqlfluff, $?), dbt_project, $?) >.lint/sql.log 2>&1 \
		|| (cat .lint/sql.log; false)
	@touch $@

format: $(READY) ## Format the code
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

up: $(READY) ## Start Airflow on this machine
	@$(BIN)/vuosikello up --home $(HOME_FOLDER)

down: $(READY) ## Stop what `make up` started
	@$(BIN)/vuosikello down --home $(HOME_FOLDER)

bench: $(READY) ## Measure against the bare engine and the peer
	@$(BIN)/python bench/receiving.py
	@$(BIN)/python bench/small_files.py
	@$(BIN)/python bench/validation.py
	@$(BIN)/python bench/simulation.py
	@$(BIN)/python bench/building.py
	@$(BIN)/python bench/disclosure.py --areas 1 3 10 23

lock: $(READY) ## Resolve the dependencies anew into requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --generate-hashes \
		--override overrides.txt pyproject.toml --group dev -o requirements.txt

clean: ## Remove the environment and what the demo made
	@rm -rf $(VENV) $(HOME_FOLDER)/demo

$(READY): requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || (echo "Python 3.11 or newer is needed, with its venv module."; exit 1)
	@echo "Setting up Python packages in $(VENV) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes requirements.txt
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(READY)
