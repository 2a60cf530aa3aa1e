# The two commands are `make demo` and `make test`; both set everything up by themselves from a bare Python >= 3.11.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
.DEFAULT_GOAL := help

.PHONY: help setup demo demo-check test lint bench migrations screenshots clean

help:
	@echo "make demo         the whole product on this machine, with simulated Procore and QuickBooks"
	@echo "make test         every test: lint, unit, workflow, browser and the end-to-end demo-check"
	@echo "make demo-check   the end-to-end check alone, headless"
	@echo "make lint         ruff, mypy --strict, import directions and this project's own linters"
	@echo "make screenshots  every page as a picture into docs/screenshots/ (no test)"
	@echo "make bench        measurements into docs/performance.md (no test)"
	@echo "make clean        remove what the demo and the tests left behind (not the virtual environment)"

$(READY): pyproject.toml requirements.lock requirements-setup.lock web/package.json web/package-lock.json setup.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh setup.sh

setup: $(READY)

demo: $(READY)
	@$(BIN)/python -m demo

screenshots: $(READY)
	@$(BIN)/python -m demo.screenshots

demo-check: $(READY)
	@$(BIN)/python -m demo.check

lint: $(READY)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.linters

test: lint
	@$(BIN)/python -m pytest -n 3 --dist loadgroup
	@$(MAKE) --no-print-directory demo-check

bench: $(READY)
	@$(BIN)/python -m benchmarks

clean:
	rm -rf .run
