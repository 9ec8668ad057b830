# make submit            the whole job on the embedded sample; DATA=folder OUT=folder for real data,
#                        MODEL=name for another model, ARGUMENTS="--seed 1 ..." for any other option
# make test              what a change must pass: style, types, all tests; make quick: those without training or processes
# make help              these lines
# make audio             what is needed to read sound files: extract, plot --audio
# make export            what is needed to take a finished run elsewhere as one ONNX file: export
# make musicnn           that, and the weights of a pretrained tagger (29 MB): extract --features musicnn
# make kaggle            Kaggle's own client: fetch, send, board --refresh
# make mlflow            MLflow, for runs --to-mlflow
# make lock              requirements.lock anew: the newest versions within the ranges, with their hashes
# make soak              hours: commands killed, stopped, kept from writing, given much; spoiled files (docs/reliability.md)
# make setup | lint | types | format | docs | bench | clean

PYTHON ?= python3
MODEL ?=
DATA ?=
OUT ?=
ARGUMENTS ?=

BIN := .venv/bin
READY := .venv/ready
TEST_READY := .venv/test-ready
OPTIONS := $(if $(DATA),--data "$(DATA)") $(if $(OUT),--out "$(OUT)") $(if $(MODEL),--model "$(MODEL)") $(ARGUMENTS)

# Two lanes share the processors: more threads than one in each would wait for each other.
PYTEST := OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile

.PHONY: help submit setup audio export musicnn kaggle mlflow test quick soak lock docs lint types format bench clean

# The first target is what `make` alone does, so it stays submit.
submit: setup
	@$(BIN)/python -m competition submit $(OPTIONS)

help:
	@sed -n '/^#/!q; s/^# //p' $(firstword $(MAKEFILE_LIST))

setup: $(READY)

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "error: $(PYTHON) is not 3.11, 3.12 or 3.13; name one that is: make PYTHON=python3.12 setup" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

audio: $(READY)
	$(BIN)/python -m pip install --quiet --requirement requirements-audio.txt

export: $(READY)
	$(BIN)/python -m pip install --quiet --requirement requirements-export.txt

# Only the wheel, and nothing in it is run; what is not the wheel that was published is refused.
musicnn: audio
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
		$(BIN)/python -m pip download --quiet --no-deps --only-binary :all: --dest "$$folder" musicnn==0.1.0 && \
		$(BIN)/python -m competition.audio.musicnn "$$folder"/musicnn-0.1.0-py3-none-any.whl

kaggle: $(READY)
	$(BIN)/python -m pip install --quiet --requirement requirements-kaggle.txt

mlflow: $(READY)
	$(BIN)/python -m pip install --quiet --requirement requirements-mlflow.txt

$(TEST_READY): requirements-dev.txt $(READY)
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt
	@touch $@

lint: $(TEST_READY) types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(TEST_READY)
	$(BIN)/mypy

format: $(TEST_READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: lint
	$(PYTEST)

lock: $(TEST_READY)
	$(BIN)/python -m uv pip compile requirements.txt --quiet --upgrade --universal --generate-hashes \
		--python-version 3.11 --custom-compile-command "make lock" --output-file requirements.lock

docs: $(READY)
	$(BIN)/python docs/commands.py > docs/commands.md

quick: $(TEST_READY)
	$(PYTEST) -m "not process and not training"

soak: $(TEST_READY)
	$(BIN)/python -m benchmarks.faults.kills
	$(BIN)/python -m benchmarks.faults.signals
	$(BIN)/python -m benchmarks.faults.full_disk
	$(BIN)/python -m benchmarks.faults.two_at_once
	$(BIN)/python -m benchmarks.size
	$(BIN)/python -m benchmarks.fuzz --networks
	test "$$(uname)" != Linux || $(BIN)/pip install --quiet 'atheris>=3,<4'
	test "$$(uname)" != Linux || $(BIN)/python -m benchmarks.guided_fuzz

bench: $(TEST_READY)
	$(BIN)/python -m benchmarks.command_line $(if $(DATA),--data "$(DATA)")
	$(BIN)/python -m benchmarks.engine $(if $(DATA),--data "$(DATA)")
	$(BIN)/python -m benchmarks.whole_process $(if $(DATA),--data "$(DATA)")
	$(BIN)/python -m benchmarks.tuning speed $(if $(DATA),--data "$(DATA)")
	$(if $(DATA),$(BIN)/python -m benchmarks.boards --data "$(DATA)")
	$(if $(DATA),$(BIN)/python -m benchmarks.trust --data "$(DATA)")

clean:
	rm -rf .venv build *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis
