# Every target sets up .venv by itself. Another Python: make test PYTHON=python3.12
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-slow check index evidence noise
.DELETE_ON_ERROR:

demo: .venv/ready  ## the main job on the real Socket.IO 0.9.13, each command shown before it runs
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh fixtures/demo.sh

test: .venv/ready  ## everything but the tests marked slow
	$(BIN)/pytest -n 2 --dist loadgroup -m "not slow"

test-slow: .venv/ready
	$(BIN)/pytest -n 2 --dist loadgroup -m slow

check: .venv/ready  ## style, types, and whether rules/README.md is what its pages say
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m linter.index --check

index: .venv/ready  ## write rules/README.md
	$(BIN)/python -m linter.index

evidence: .venv/ready  ## each verified pair of releases: found, silent, fixed; fails below the targets
	$(BIN)/python -m tests.evidence

noise: .venv/ready  ## the recommended rules on popular packages, each hit with its verdict; fails when too many are false
	$(BIN)/python -m tests.noise --jobs 2

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@
