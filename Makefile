# Everything that a developer types. Needs Python 3.11 or newer, make, and a package index; nothing else.
# `make PYTHON=python3.13 up` picks the Python that .venv is made with.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TEST_PROCESSES ?= 2

.DEFAULT_GOAL := help
.PHONY: help up test test-all test-chaos lint audit bench bench-compression bench-conversion bench-extract bench-ocr bench-platform outcomes images lock docs screenshots

help:
	@echo "make up                 start the platform on this machine (Ctrl-C stops it)"
	@echo "make test               the tests, without those that take minutes"
	@echo "make test-all           all tests"
	@echo "make test-chaos         only the tests that break the running platform, with a storm of minutes"
	@echo "make lint               ruff, mypy, and what the manifests lack"
	@echo "make audit              whether locked dependencies are known to be vulnerable"
	@echo "make bench              compression, conversion, extraction, OCR, the platform, each against rivals"
	@echo "make bench-compression  only that; so make bench-conversion, bench-extract, bench-ocr, bench-platform"
	@echo "make outcomes           every document of the corpus through every operation"
	@echo "make images             the container images of the gateway and of every service (docker or buildah)"
	@echo "make docs               write the tables in README.md and docs/ that are made from the code"
	@echo "make screenshots        the pictures of the page in docs/pictures (needs Chromium)"
	@echo "make lock               write requirements.lock anew from pyproject.toml"

up: $(VENV)/.installed-local
	@exec $(BIN)/bindery up

test: $(VENV)/.installed-dev
	$(BIN)/pytest -n $(TEST_PROCESSES) -m "not heavy"

test-all: $(VENV)/.installed-dev
	$(BIN)/pytest -n $(TEST_PROCESSES)

# CHAOS_SEED=7 draws the same storm again, CHAOS_SECONDS=60 makes it shorter.
test-chaos: $(VENV)/.installed-dev
	$(BIN)/pytest -s tests/chaos

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/bindery deploy check

# AUDIT=--must makes it an error that the data cannot be reached.
audit: $(VENV)/.installed-dev
	$(BIN)/python -m deploy.audit $(AUDIT)

bench: bench-compression bench-conversion bench-extract bench-ocr bench-platform

bench-compression: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks.compression

bench-conversion: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks.conversion

bench-extract: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks.extract

outcomes: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks.outcomes

bench-platform: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks.platform

bench-ocr: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks.ocr

images: $(VENV)/.installed-local
	$(BIN)/python -m deploy.build_images

docs: $(VENV)/.installed-local
	$(BIN)/python -m cli.generated_docs

screenshots: $(VENV)/.installed-dev
	$(BIN)/python -m tests.page.screenshots

# The lock holds hashes and no addresses: it installs from whatever index this machine uses.
lock: $(VENV)/.made
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --generate-hashes --no-annotate --no-header -q -o requirements.lock

# One stamp per extra of pyproject.toml, older than the files that say what belongs to it when these change.
$(VENV)/.installed-%: pyproject.toml requirements.lock | $(VENV)/.made
	@echo "Installing what 'bindery[$*]' needs into $(VENV) ..."
	@$(BIN)/uv pip install -q --python $(VENV) -c requirements.lock -e '.[$*]' || \
	  { echo "error: the packages could not be installed; remedy: the lines above name the cause (network? index?)" >&2; exit 1; }
	@touch $@

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "error: '$(PYTHON)' is missing or older than Python 3.11; remedy: install one, or name one: make PYTHON=python3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "error: '$(PYTHON)' cannot make virtual environments; remedy: install its venv module (Debian: apt install python3-venv)" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check 'uv>=0.9' || \
	  { echo "error: pip could not install uv; remedy: the lines above name the cause (network? index?)" >&2; exit 1; }
	@touch $@
