# `make` lists what there is. Everything works in a fresh clone: what is missing is set up first.
PYTHON ?= python3
PYTEST = .venv/bin/pytest
# in its own project, with the engine on PATH, and with the cache that the stack uses
AZURE_PYTEST = cd localazure && PATH="$$(cd .. && .venv/bin/python -m ops.setup --path):$$PATH" \
	LOCALAZURE_CACHE="$$(cd .. && .venv/bin/python -m ops.setup --cache)" ../.venv/bin/pytest

.DEFAULT_GOAL := help
.PHONY: help setup rehearsal azure stop sync lint fast check test pages nightly bench clean

help:  ## list these
	@$(PYTHON) -c "import re; [print('  make {:<10} {}'.format(*t)) for t in re.findall('(?m)^([a-z]+):.*## (.+)', open('Makefile').read())]"

setup:  ## Python packages, Pulumi engine, Node.js, Azurite: what the machine lacks
	@$(PYTHON) tools/bootstrap.py

rehearsal: setup  ## a whole safe rollout on this machine, step by step
	@.venv/bin/rollout rehearsal $(ARGS)

azure: setup  ## start the local Azure in the background (other ports: ARGS="--arm-port 0")
	@.venv/bin/rollout local start $(ARGS)

stop:  ## stop the local Azure
	@$(PYTHON) tools/bootstrap.py --only-sync
	@.venv/bin/rollout local stop

lint: sync
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	cd localazure && ../.venv/bin/mypy
	cd localazure && ../.venv/bin/lint-imports

sync:
	@$(PYTHON) tools/bootstrap.py --only-sync

fast: sync
	$(PYTEST) -q -n auto -m "not slow" --durations 10
	$(AZURE_PYTEST) -q -n auto -m "not slow" --durations 10

check: lint fast  ## lint, types, architecture, fast tests of the stack and of the local Azure

test: setup lint fast  ## everything: lint, types, architecture, all tests
	$(PYTEST) -q -n 2 --dist loadfile -m "slow and not nightly" --durations 10
	$(AZURE_PYTEST) -q -n 2 --dist loadfile -m "slow and not nightly" --durations 10

pages: sync  ## write the pages of docs/ that programs write: stack file, rules, commands
	.venv/bin/python -m ops.stack_page
	.venv/bin/python -m ops.rules_page
	.venv/bin/python -m ops.commands_page

nightly: setup  ## what takes too long for `make test`: longer walks, each refusal, the notebook on all clocks, models of all kinds
	SAFE_ROLLOUT_PAIRS=200000 SAFE_ROLLOUT_GATES=2000 $(PYTEST) -n auto tests/rollout --timeout 7200
	.venv/bin/python -m benchmarks.gates 1000
	SAFE_ROLLOUT_CLOCKS="x60 recorded" $(AZURE_PYTEST) -n 2 tests/azure/test_notebook.py --timeout 7200
	SAFE_ROLLOUT_REFUSALS=all $(PYTEST) tests/e2e/test_every_refusal.py
	SAFE_ROLLOUT_KINDS=all $(PYTEST) tests/new/test_kinds.py
	$(PYTEST) tests/e2e/test_existing.py
	SAFE_ROLLOUT_CONDA_FILES=all $(AZURE_PYTEST) tests/serving/test_microsofts_conda_files.py --timeout 7200

bench: setup  ## print how fast a preview is, and other ratios
	@.venv/bin/python -m benchmarks

clean:  ## stop the local Azure and remove the state folders of this checkout
	@if [ -x .venv/bin/rollout ]; then .venv/bin/rollout local stop; fi
	rm -rf .local .rehearsal .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
