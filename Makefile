# One-word tasks. Each does all its own set-up: Python 3.11 to 3.14, make and a compiler are enough.
.DEFAULT_GOAL := help
PYTHON ?= $(shell for name in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null && command -v $$name && break; done)
BIN := .venv/bin
USER_MARK := .venv/.installed
DEV_MARK := .venv/.installed-dev

GPU ?= $(shell $(BIN)/python -m implementations.parts.cuda_driver)
GPU_RUN := $(or $(GPU_RUN),results/$(shell date -u +%Y%m%dT%H%M%SZ)-gpu)

.PHONY: help install run test lint bench gpu trust claims readme clean

help:  ## Show these tasks
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 to 3.14 found; install one or set PYTHON=..." >&2; exit 2; }
	$(PYTHON) -m venv .venv || { rm -rf .venv; echo "make: no virtual environment could be made; install python3-venv" >&2; exit 2; }

$(USER_MARK): .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(DEV_MARK): .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@ $(USER_MARK)

install: $(USER_MARK)  ## Make the environment alone (.venv)

run: $(USER_MARK)  ## Compare everything on synthetic and real input in a few minutes; the report's path is printed
	$(BIN)/sensorbench run --quick

test: $(DEV_MARK)  ## The whole test suite, with lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile $(PYTEST_ARGUMENTS)

lint: $(DEV_MARK)  ## Format and check
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/mypy

bench: $(DEV_MARK)  ## asv on this commit, stored under .asv/
	$(BIN)/asv machine --yes
	$(BIN)/asv run --python=same --quick --set-commit-hash=$$(git rev-parse HEAD)

gpu: $(USER_MARK)  ## On a machine with a GPU: prove, measure, report (QUICK=1: minutes; GPU=gpu or gpu13; GPU_RUN=folder)
	@if $(BIN)/python -c "import ctypes; ctypes.CDLL('libcuda.so.1')" 2>/dev/null; then extra=$(GPU); \
	  $(BIN)/python -m pip uninstall --quiet --yes $$(test $$extra = gpu13 && echo cupy-cuda12x || echo cupy-cuda13x) 2>/dev/null; \
	  $(BIN)/python -m pip install --quiet --editable ".[$$extra]"; fi
	@$(BIN)/sensorbench gpu --check
	@code=0; devices="-p gpu_cupy -p gpu_numba -p phased[gpu=true]"; inputs="-w steady -w skewed -w dirty"; \
	if [ -n "$(QUICK)" ]; then \
	  $(BIN)/sensorbench verify $$devices $$inputs || code=1; \
	  $(BIN)/sensorbench gpu --processes 1 --batch 1k --batch 64k --batch 1M --batch 4M --out $(GPU_RUN) || code=1; \
	else \
	  $(BIN)/sensorbench verify $$devices || code=1; \
	  $(BIN)/sensorbench run $$devices -p simd -p parallel $$inputs --size large --threads $$(nproc) \
	    --out $(GPU_RUN) || code=1; \
	  $(BIN)/sensorbench gpu --run $(GPU_RUN) || code=1; \
	fi; \
	$(BIN)/sensorbench report $(GPU_RUN) --format html,md || code=1; \
	exit $$code

trust: $(DEV_MARK)  ## Hours: benchmark the verdicts, kill runs and stores hundreds of times, every saboteur 20 times
	SENSORBENCH_TRUST_ROUNDS=200 $(BIN)/python -m pytest tests/run tests/measure/load/test_latency.py tests/test_store_kill.py tests/implementations/channels \
	  tests/implementations/test_large_recording.py tests/implementations/test_gpu_on_host.py tests/implementations/test_gpu_simulated.py
	$(BIN)/sensorbench verify --self-test --repeat 20
	$(BIN)/sensorbench verify --self-test -p honest -p honest_late -p honest_slow -c honest_queue --repeat 50
	$(BIN)/python -m harness.trust --document docs/trust.md

claims: $(USER_MARK)  ## Put every claim of the study to the test and report it; goes on where it was cut off
	$(BIN)/sensorbench ablate --quick --out results/claims
	$(BIN)/sensorbench report results/claims

readme: $(USER_MARK)  ## Renew the picture and the table of the README from the newest run (RUN=folder)
	$(BIN)/python -m reports.readme $(or $(RUN),$(shell ls -td results/*/ | head -1)) README.md docs/comparison.svg

clean:  ## Remove the environment and what tools left; results stay
	rm -rf .venv .asv build *.egg-info .mypy_cache .ruff_cache .hypothesis
