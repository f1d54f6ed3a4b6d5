# Needs git, make and Python 3 (any version from 3.9 with venv). `make help` lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

UV_VERSION := 0.13.9
UV := .cache/uv-$(UV_VERSION)/bin/uv
LOCKS := deploy/requirements
# What the app's environment is made from; an image takes app-run.lock, without tools for tests.
APP_LOCK := $(LOCKS)/app.lock

# torch without CUDA: from the machine's own folder of wheels where pip has one, else from its index.
ifdef PIP_FIND_LINKS
export UV_FIND_LINKS := $(PIP_FIND_LINKS)
else
TORCH := --torch-backend=cpu
endif

# An environment is made again when what it was made from changes.
hash = $(firstword $(shell cat $(1) | cksum))
APP := .venv/.ready-$(call hash,$(APP_LOCK) pyproject.toml)
ENGINE := .venv-engine/.ready-$(call hash,$(LOCKS)/engine.lock)

.PHONY: help env prepare run index train check test browser load soak lock audit clean

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

run: prepare ## build what is missing, then serve the page on port 8000 (ASSISTANT_PORT)
	exec .venv/bin/assistant run

env: $(APP) $(ENGINE) ## make both environments from their lock files

prepare: env ## build encoder, catalogue, index and engine model; what is built is kept
	.venv/bin/assistant prepare

index: env ## build the search index of the catalogue
	.venv/bin/assistant index

train: env ## train the engine's model
	.venv/bin/assistant train

check: env ## style, types, imports between packages, documentation
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/pytest -q tests/test_docs.py

test: env browser check ## everything CI runs
	.venv/bin/pytest

load: prepare ## 1 to 200 people at once, on this machine; about five minutes
	.venv/bin/python -m benchmarks.load

soak: prepare ## twenty people for 30 minutes: memory must not grow, nothing may fail
	.venv/bin/python -m benchmarks.load --soak 30

browser:
	@command -v chromium >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && apt-get install -q --yes --no-install-recommends chromium; \
	else \
		echo "The browser tests need Chromium. Install it: sudo apt-get install chromium" >&2; exit 1; \
	fi

lock: $(UV) ## resolve the lock files anew
	$(UV) pip compile --quiet --python-version 3.11 --generate-hashes --upgrade --extra test \
		pyproject.toml -o $(LOCKS)/app.lock
	$(UV) pip compile --quiet --python-version 3.11 --generate-hashes --upgrade \
		--constraint $(LOCKS)/app.lock pyproject.toml -o $(LOCKS)/app-run.lock
	$(UV) pip compile --quiet --python-version 3.11 --generate-hashes --upgrade \
		--override $(LOCKS)/engine-overrides.txt $(LOCKS)/engine.in -o $(LOCKS)/engine.lock

audit: $(UV) env ## known vulnerabilities of the locked packages; needs the internet
	.venv/bin/python deploy/audit.py $(UV)

clean: ## remove environments and everything built; var/ (catalogue, conversations) stays
	rm -rf .venv .venv-engine .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache .coverage *.egg-info

$(UV):
	@python3 -m venv .cache/uv-$(UV_VERSION) || { \
		echo "python3 cannot make environments. Install what is missing: sudo apt-get install python3-venv" >&2; exit 1; }
	.cache/uv-$(UV_VERSION)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# `sync` installs exactly the lock file and resolves nothing: Rasa's pins exclude Python 3.11.
$(APP): $(UV)
	$(UV) venv --quiet --allow-existing --python 3.11 .venv
	$(UV) pip sync --python .venv/bin/python $(TORCH) $(APP_LOCK)
	$(UV) pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	rm -f .venv/.ready-* && touch $@

$(ENGINE): $(UV)
	$(UV) venv --quiet --allow-existing --python 3.11 .venv-engine
	$(UV) pip sync --python .venv-engine/bin/python $(LOCKS)/engine.lock
	rm -f .venv-engine/.ready-* && touch $@
