# The commands of the portal; `make run` first. Needs python3 (3.11 or newer, with venv), git, make.

# The first Python that is new enough; choose another with PYTHON=/path/to/python3.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
PYTEST := $(BIN)/pytest -q

.PHONY: help run test soak check bench docs screenshots requirements venv venv-dev system-venv
help:
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*##/\t/' | expand -t 16

run: export DEMO ?= 1
run: venv ## start the portal with its demonstration on http://localhost:8000
	@$(BIN)/python -m portal.operations.serving

test: venv-dev ## run all tests: SQLite, PostgreSQL, Redis, Chromium
	$(BIN)/python -m tests.servers install
	$(PYTEST) -n 2 -m "not (postgres or browser)"
	$(BIN)/python -m tests.servers with-postgres $(PYTEST) -n 2 -m "not (sqlite or redis or browser)"
	$(BIN)/python -m tests.servers with-postgres $(PYTEST) -n 2 --dist loadfile -m browser

soak: export SCALE := full
soak: venv-dev ## run the tests that have a promised figure at that figure; writes docs/evidence
	$(BIN)/python -m tests.servers install
	$(PYTEST) -m "soak and not (postgres or browser)"
	$(BIN)/python -m tests.servers with-postgres $(PYTEST) -m "soak and not sqlite"

check: venv-dev ## linters, types, import contracts, migrations, templates, translations, settings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy portal tasks agreements
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	DATA_DIR=.venv/check-data DEMO=0 $(BIN)/python manage.py makemigrations --check --dry-run
	$(AS_DEPLOYED) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(PYTEST) tests/test_house_rules.py tests/test_translations.py

docs: venv-dev ## write the pages of docs that are made from code (who may do what)
	$(BIN)/python -m tests.who_may

screenshots: venv-dev ## take the pictures of docs/screenshots anew
	$(BIN)/python -m tests.browser.screenshots

bench: export DEMO := 1
bench: export DATA_DIR := build/bench
bench: venv-dev ## measure pages, reminders, signatures and the audit trail; one JSON line a figure
	@$(BIN)/python manage.py migrate --verbosity=0
	@$(BIN)/python manage.py load_demo >&2
	@$(BIN)/python manage.py collectstatic --verbosity=0 --no-input
	@$(BIN)/python -m bench.pages
	@$(BIN)/python -m bench.sweep
	@$(BIN)/python -m tests.servers with-postgres $(BIN)/python -m bench.sweep
	@$(BIN)/python -m bench.digests
	@$(BIN)/python -m tests.servers with-postgres $(BIN)/python -m bench.digests
	@$(BIN)/python -m bench.signing
	@$(BIN)/python -m tests.servers with-kept-postgres $(BIN)/python -m bench.signing
	@$(BIN)/python -m bench.audit

RANDOM_TEXT = $$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))')
AS_DEPLOYED = DATA_DIR=.venv/check-data DEMO=0 PUBLIC_URL=https://portal.example ALLOWED_HOSTS=portal.example \
	DATABASE_URL=postgres://portal@127.0.0.1:1/portal EMAIL_URL=smtp://127.0.0.1:1 \
	CHECKPOINT_DIRS=.venv/check-places/1,.venv/check-places/2 \
	SECRET_KEY="$(RANDOM_TEXT)" KEY_ENCRYPTION_KEY="$(RANDOM_TEXT)"

# A venv is made once; packages are installed when the pinned list is not the one installed last.
venv:
	@$(PYTHON_IS_GOOD)
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@cmp -s requirements.txt .venv/requirements.txt || { \
		echo "Installing the requirements, about a minute …" && \
		$(PIP) -r requirements.txt && cp requirements.txt .venv/; }

venv-dev: system-venv venv
	@cmp -s requirements-dev.txt .venv/requirements-dev.txt || { \
		echo "Installing the requirements of the tests …" && \
		$(PIP) -r requirements-dev.txt && cp requirements-dev.txt .venv/; }

# Tests may install what is missing, root on Debian at least; `make run` only says it.
system-venv:
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null || { \
		apt-get -q -o DPkg::Lock::Timeout=300 update && \
		apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends python3-venv; }

define PYTHON_IS_GOOD
$(BIN)/python -c '' 2>/dev/null || { \
	test -n "$(PYTHON)" || { echo "The portal needs Python 3.11 or newer; install it, or name one: PYTHON=/path/to/python3 make run" >&2; exit 1; }; \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than Python 3.11 or does not run; name another: PYTHON=/path/to/python3 make run" >&2; exit 1; }; \
	$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv; install it (Debian: apt-get install python3-venv)" >&2; exit 1; }; }
endef

requirements: venv-dev ## compile the pinned lists anew (needs uv)
	uv pip compile -q --universal --python-version 3.11.0 --generate-hashes requirements.in -o requirements.txt
	uv pip compile -q --universal --python-version 3.11.0 --generate-hashes requirements-dev.in -o requirements-dev.txt
