# The verbs of this project. `make` alone lists them. Each works on a bare clone with Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := list
.PHONY: list setup demo test lint types check bench example

list: ## list the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(BIN)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q -c constraints.txt -e '.[dev]'
	@touch $@

setup: $(BIN)/.installed ## make .venv with twokey and the tools of development

demo: setup ## a whole round on a real model, in a minute, with no network
	$(BIN)/twokey demo

test: setup ## run the tests
	$(BIN)/pytest -n 2

lint: setup ## ruff, its formatter, and the import contract
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports

types: setup ## mypy, strict, over src and tests
	$(BIN)/mypy

check: ## everything that CI runs, in a fresh environment
	.ci/run

bench: setup ## speed and memory, as ratios within one run
	for name in start_up whole_process hot_path; do $(BIN)/python benchmarks/$$name.py || exit 1; done

example: setup ## make examples/support-triage anew
	$(BIN)/python scripts/make_example.py
