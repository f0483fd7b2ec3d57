# `make` lists what there is. Everything works in a fresh clone: what is missing is set up first.
PYTHON ?= python3
PYTEST = .venv/bin/pytest

.DEFAULT_GOAL := help
.PHONY: help setup rehearsal azure stop check test nightly bench clean

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

check:  ## lint, types, architecture, fast tests
	@$(PYTHON) tools/bootstrap.py --only-sync
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PYTEST) -q -n auto -m "not slow"

test: setup  ## everything: lint, types, architecture, all tests
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PYTEST) -q -n auto -m "not slow"
	$(PYTEST) -q -n 2 --dist loadfile -m slow

nightly: setup  ## the rules walked through 200,000 stack files, also in the local Azure; each rule's absence is noticed
	SAFE_ROLLOUT_PAIRS=200000 $(PYTEST) -n auto tests/rollout --timeout 7200
	SAFE_ROLLOUT_CLOCKS="x60 recorded" $(PYTEST) -n 2 tests/localazure/test_notebook.py --timeout 7200
	SAFE_ROLLOUT_CONDA_FILES=all $(PYTEST) tests/serving/test_microsofts_conda_files.py --timeout 7200

bench: setup  ## print how fast a preview is, and other ratios
	@.venv/bin/python -m benchmarks

clean:  ## stop the local Azure and remove the state folders of this checkout
	@if [ -x .venv/bin/rollout ]; then .venv/bin/rollout local stop; fi
	rm -rf .local .rehearsal .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
