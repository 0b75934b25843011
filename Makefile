# The two commands of the README: `make serve` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAMPLES := saihan chayouzhong inner-mongolia porto-alegre
PORT ?= 8000

.PHONY: serve test check vendor lock clean

serve: $(VENV)/.installed
	@mkdir -p samples
	@for name in $(SAMPLES); do [ -d samples/$$name ] || $(BIN)/gridwalk demo $$name samples/$$name || exit 1; done
	@exec $(BIN)/gridwalk serve $(addprefix samples/,$(SAMPLES)) --port $(PORT)

test: check
	@sh tools/system.sh
	$(BIN)/pytest -n auto

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/codespell
	$(BIN)/python -m numpydoc.hooks.validate_docstrings $$(git ls-files 'geo/*.py' 'maps/*.py' 'api/*.py')

vendor: $(VENV)/.installed
	$(BIN)/python -m maps.vendor

LOCK := uv pip compile -q --universal --generate-hashes --no-annotate --no-header --no-emit-index-url \
  --no-emit-find-links --python-version 3.11 pyproject.toml
lock:
	$(LOCK) -o requirements.lock
	$(LOCK) --extra dev -o requirements-dev.lock

clean:
	rm -rf $(VENV) samples .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.installed: pyproject.toml requirements.lock tools/install.sh
	@PYTHON=$(PYTHON) VENV=$(VENV) sh tools/install.sh requirements.lock
	@touch $@

$(VENV)/.installed-dev: pyproject.toml requirements-dev.lock tools/install.sh
	@PYTHON=$(PYTHON) VENV=$(VENV) sh tools/install.sh requirements-dev.lock
	@touch $(VENV)/.installed $@
