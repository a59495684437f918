# Every target sets up .venv by itself. Another Python: make test PYTHON=python3.12
PYTHON ?= python3
BIN := .venv/bin

.PHONY: bench demo test test-slow check index proof truth evidence noise peers
.DELETE_ON_ERROR:

demo: .venv/ready  ## the main job on the real Socket.IO 0.9.13, each command shown before it runs
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh fixtures/demo.sh

test: .venv/ready  ## everything but the tests marked slow
	$(BIN)/pytest -n 2 --dist loadgroup -m "not slow"

test-slow: .venv/ready
	$(BIN)/pytest -n 2 --dist loadgroup -m slow

proof: .venv/ready  ## run the leak and its cure on Node 0.8 and 0.10, and write docs/proof.md and docs/proof.svg
	$(BIN)/python -m proof.leak docs

check: .venv/ready  ## style, types, and whether rules/README.md is what its pages say
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m linter.index --check

truth: .venv/ready  ## what is said of labelled real functions: found, missed and false, by idiom
	$(BIN)/python -m tests.truth

index: .venv/ready  ## write rules/README.md and rules/listing.json
	$(BIN)/python -m linter.index

evidence: .venv/ready  ## each verified pair of releases: found, silent, fixed; fails below the targets
	$(BIN)/python -m tests.evidence

noise: .venv/ready  ## the recommended rules on popular packages, each hit with its verdict; fails when too many are false
	$(BIN)/python -m tests.noise --jobs 2

peers: .venv/ready  ## the same packages through other tools where they have a rule that compares; writes docs/peers.md
	$(BIN)/python -m tests.peers

bench: .venv/ready  ## nodemend beside other tools on a tree of real packages: time, memory, findings; writes docs/benchmark.md
	$(BIN)/python -m bench.run --write

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@
