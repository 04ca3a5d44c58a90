# One word per habit. `make help` lists them.
# PYTHON=python3.13 picks the interpreter that `make setup` builds with.

bin := .venv/bin
pytest := $(bin)/python -m pytest
FAST := tests/unit tests/golden tests/sim tests/docs tests/shape

.DEFAULT_GOAL := help
.PHONY: help setup demo run studio test lint fix check bench bench-web examples lock

help:  ## list these words
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: .venv/ready  ## make the environment in .venv from the locked requirements

# Done again only when the lock, the package's metadata or the script changed.
.venv/ready: requirements/examples.txt pyproject.toml scripts/setup
	@scripts/setup

demo: setup  ## run the prepare-train-evaluate example to its end and print the job's address
	@scripts/demo

run: setup  ## run a server in the foreground on a scratch home with one example submitted
	@scripts/serve

studio: setup  ## build the pages of the browser from web/ (needs npm); the server serves them from then on
	@$(bin)/python hatch_build.py

test: setup  ## the fast circle of tests, under 20 s
	@$(pytest) -n auto $(FAST)

lint: setup  ## format, lint, types and the arrows between folders
	$(bin)/ruff format --check .
	$(bin)/ruff check .
	$(bin)/mypy
	$(bin)/lint-imports --no-cache

fix: setup  ## repair what formatter and linter can repair, and write the API's description anew
	$(bin)/ruff format .
	$(bin)/ruff check --fix .
	$(bin)/python scripts/openapi.py

check: setup  ## everything that CI runs
	@scripts/check

bench: setup  ## named workloads against a bare loop, compared with the last recorded result
	@$(bin)/python bench/run.py
	@$(bin)/python bench/parallel.py
	@$(bin)/python bench/snapshot.py
	@$(bin)/python bench/sweep.py
	@if command -v npm >/dev/null; then bash tests/object_stores.sh $(bin)/python bench/stores.py; \
	else echo "bench: no npm here, so nothing was sent to object stores"; fi
	@$(bin)/python bench/environments.py
	@$(bin)/python bench/mlflow_bench.py
	@if command -v podman mmdebstrap >/dev/null; then bash tests/containers.sh $(bin)/python bench/containers.py; \
	else echo "bench: no podman here, so no step ran in a container"; fi

bench-web: studio  ## the Studio's budgets in Chromium; BENCH_README=1 records the table in bench/README.md
	@cd web && PIPEYARD="$(CURDIR)/$(bin)/pipeyard" npm run --silent bench

# Azure's own folders, unchanged: make examples FROM=<checkout of Azure/azureml-examples>
examples: setup  ## run our examples, or Azure's own with FROM=<checkout of Azure/azureml-examples>
	@$(if $(FROM),$(bin)/python scripts/azureml_examples.py "$(FROM)",$(pytest) tests/e2e/test_examples.py)

lock: setup  ## write requirements/*.txt anew (UPGRADE=1: with the newest versions)
	@scripts/lock
