# make demo   set up .venv, make the demo world, serve it, print the address and the sign-ins
# make test   set up, run every test that this machine can run, say what ran and what did not
# make messages   after a change of words: bring the catalogs up to date, say what is to be translated
PORT ?= 8000
PYTHON ?= python3
VENV := .venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps

.PHONY: demo test setup setup-dev lint types messages lock wheel

demo: setup
	$(VENV)/bin/portal demo --port $(PORT)

test: setup-dev
	$(VENV)/bin/python -m tests $(ARGS)

setup: $(VENV)/run.stamp

setup-dev: $(VENV)/dev.stamp

lint: setup-dev
	$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check .

types: setup-dev
	$(VENV)/bin/mypy

messages: setup-dev
	$(VENV)/bin/python -m tests.messages

$(VENV)/run.stamp: requirements/run.txt pyproject.toml
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes --only-binary :all: -r requirements/run.txt
	$(PIP) --no-build-isolation --editable .
	touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	$(PIP) --require-hashes --only-binary :all: -r requirements/dev.txt
	touch $@

# After a change of the dependencies in pyproject.toml: lock them anew, with hashes and without package hosts.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	  --no-annotate --quiet pyproject.toml --group build --output-file requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	  --no-annotate --quiet pyproject.toml --group dev --output-file requirements/dev.txt

wheel: setup-dev
	$(VENV)/bin/python -m hatchling build --target wheel
