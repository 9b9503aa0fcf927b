# One way to do each chore. The first call creates .venv and installs into it.
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9

# The Python versions that TensorFlow supports; PYTHON=… names another interpreter.
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	$$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	2>/dev/null && echo $$name && break; done)
INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode

.PHONY: run test test-faults lint format bench measure lock clean

run: $(VENV)/.installed  ## start the lab
	$(BIN)/streamlit run app.py

test: $(VENV)/.installed-dev  ## the whole test suite
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

test-faults: $(VENV)/.installed-dev  ## the long form of the promises, for an hour
	DUET_KILLS=20 DUET_PEOPLE=100 DUET_EXAMPLES=2000 $(BIN)/python -m pytest tests/faults
	DUET_LOOKS=20 $(BIN)/python -m pytest tests/browser/test_text_is_text.py tests/test_server.py

lint: $(VENV)/.installed-dev  ## what CI checks besides the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.installed-dev  ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench:  ## measure quality, speed and cost, and write benchmarks/RESULTS.md
	$(MAKE) VENV=.venv-bench measure

measure: $(VENV)/.installed-bench  # called by `bench`, in an environment that also has the other systems
	# Two at a time: of these, no durations are reported.
	printf '%s\n' --data=later --data=lectures --data=100k --data=100k-time --data=100k-last \
		--ablations --protocols | xargs -P 2 -n 1 $(BIN)/python -m benchmarks.quality
	$(BIN)/python -m benchmarks.quality --fits
	$(BIN)/python -m benchmarks.fronts
	$(BIN)/python -m benchmarks.explanations
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.end_to_end
	$(BIN)/python -m benchmarks.earlier
	$(BIN)/python -m benchmarks.pages
	$(BIN)/python -m benchmarks.controls
	$(BIN)/python -m benchmarks.playground
	$(BIN)/python -m benchmarks.large_pages
	$(BIN)/python -m benchmarks.many_people
	$(BIN)/python -m benchmarks.scaling
	$(BIN)/python -m benchmarks.report

lock: $(VENV)/.uv  ## compile the locks again, with the newest versions
	$(BIN)/uv pip compile --quiet --upgrade --universal --prerelease disallow --python-version 3.11 --generate-hashes \
		--no-header requirements.in --output-file requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --prerelease disallow --python-version 3.11 --generate-hashes \
		--no-header requirements-dev.in --output-file requirements-dev.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --prerelease disallow --python-version 3.11 --generate-hashes \
		--no-header benchmarks/requirements.in --output-file benchmarks/requirements.txt

clean:  ## remove the environments; the lab's data and runs in .recsys/ stay
	rm -rf $(VENV) .venv-bench

$(VENV)/.uv:
	@test -n "$(PYTHON)" || { echo "Duet needs Python 3.11, 3.12 or 3.13 on the PATH" \
		"(or: make PYTHON=/path/to/python3.12 …)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	touch $@

$(VENV)/.installed: $(VENV)/.uv requirements.txt requirements-data.txt
	@echo "Installing (about 3 GB; a minute or two on a fast line)"
	$(INSTALL) -r requirements.txt
	$(INSTALL) --no-deps -r requirements-data.txt
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	$(INSTALL) -r requirements-dev.txt
	touch $@

$(VENV)/.installed-bench: $(VENV)/.installed benchmarks/requirements.txt
	$(INSTALL) -r benchmarks/requirements.txt
	touch $@
