# `make` alone lists the targets.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
DATA_DIR ?= .data
LOG_FILE ?= $(DATA_DIR)/assistant.log
STAGE ?= local
WORKERS ?= 1
MOTO_PORT ?= 5000
# One more than there are cores: the tests wait about as long as they work.
TESTERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
URL ?= ws://127.0.0.1:$(PORT)/ws

VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/.run-requirements
DEV := $(BIN)/.dev-requirements
SITE := chalicelib/site/.built
WEB := $(shell find web -type f -not -path '*/node_modules/*' 2>/dev/null)
CFN_LINT := build/cfn-lint/.requirements
SQS := $(if $(QUEUE_URL),--sqs-endpoint '$(QUEUE_URL)' $(if $(AWS_REGION),--sqs-region '$(AWS_REGION)'))
# Several workers need a Valkey, unless they are given a Redis.
VALKEY := $(if $(filter-out 1,$(WORKERS)),$(if $(REDIS_URL),,$(BIN)/.workers-requirements))
FAULTS_ON := $(if $(FAULTS),--faults '$(FAULTS)')
SERVE := $(BIN)/python -m runtime app.py --host $(HOST) --port $(PORT) --data-dir '$(DATA_DIR)' --route sendMessage \
  --workers $(WORKERS) --redis-from REDIS_URL $(SQS) $(FAULTS_ON)
export DATA_DIR LOG_FILE STAGE
# What runs on this machine in AWS's place takes any signature, but there must be one.
ifneq ($(filter http://127.0.0.1:% http://localhost:%,$(DYNAMODB_ENDPOINT_URL)),)
export AWS_ACCESS_KEY_ID ?= any
export AWS_SECRET_ACCESS_KEY ?= any
endif

.DEFAULT_GOAL := help
.PHONY: help run demo chat demo-crash doctor why rollup knowledge eval moto site test web-test lint format package lint-template soak bench screenshots docs lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */\1\t/' | expand -t 16

run:  ## run the assistant on this machine (HOST=, PORT=, WORKERS=, DATA_DIR=, and every setting of docs/settings.md)
	@$(MAKE) -s -j2 $(RUN) $(VALKEY) $(SITE)
	@exec $(SERVE)

demo: $(RUN)  ## the assistant with a fortnight of made-up conversations behind it, in .data-demo (HOST=, PORT=)
	@DATA_DIR=.data-demo LOG_FILE= STORE=sqlite $(BIN)/python -m demo
	@exec $(MAKE) -s run DATA_DIR=.data-demo LOG_FILE=.data-demo/assistant.log STORE=sqlite

chat: $(RUN) $(VALKEY)  ## chat in the terminal; starts the assistant if it is not running
	@exec $(BIN)/python -m runtime.chat --url $(URL) --start "$(SERVE)" $(ARGS)

demo-crash: DATA_DIR := build/demo-crash
demo-crash: export TYPING_PAUSE_MS = 150
demo-crash: $(RUN) $(SITE)  ## kill the assistant in the middle of a reply and watch the reply complete
	@rm -rf '$(DATA_DIR)'
	@exec $(BIN)/python -m runtime.demo_crash --url $(URL) --start "$(SERVE)"

doctor: $(RUN)  ## check key, model, store, port and browser
	@exec $(BIN)/python -m chalicelib.entrypoints.doctor --host $(HOST) --port $(PORT)

why: $(RUN)  ## one turn's life as a timeline: make why ID=<message id>
	@exec $(BIN)/python -m chalicelib.entrypoints.why "$(ID)"

rollup: $(RUN)  ## count days again for analytics: make rollup FROM=2026-11-01 TO=2026-11-15
	@exec $(BIN)/python -m chalicelib.entrypoints.rollup --from '$(FROM)' --to '$(TO)'

knowledge: $(RUN)  ## import a file of knowledge: make knowledge FILE=knowledge.csv (ARGS="--dry-run --partial --replace")
	@exec $(BIN)/python -m chalicelib.entrypoints.bring $(ARGS) '$(or $(FILE),$(error name the file: make knowledge FILE=knowledge.csv))'

moto: $(DEV)  ## a DynamoDB and SQS in memory to try things on (MOTO_PORT=)
	@exec $(BIN)/moto_server -H 127.0.0.1 -p $(MOTO_PORT)

site: $(SITE)  ## build the widget and the demo site (`make run` does)

test: $(DEV) web-test  ## run the tests (TESTERS=, processes)
	@exec $(BIN)/python -m pytest -n $(TESTERS) --dist loadfile --no-loadscope-reorder $(ARGS)

web-test: $(SITE)  ## the widget's types and logic
	@sh bin/npm run -s check
	@sh bin/npm run -s test

lint: $(DEV)  ## check style, types, import contracts and the house rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tests.house

format: $(DEV)  ## put the code into the house's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

package: $(SITE)  ## make what is deployed to AWS: build/package (PYTHON= is the version that Lambda will run)
	@exec sh bin/package $(if $(filter file,$(origin PYTHON)),,$(PYTHON))

lint-template: package $(CFN_LINT)  ## check the package's CloudFormation template
	build/cfn-lint/bin/cfn-lint build/package/template.json

soak: $(DEV)  ## long runs; results go to docs/evidence/
	$(BIN)/python -m pytest bench/soak $(ARGS)

eval: $(DEV)  ## score 60 conversations by fixed rules, with a model if OPENAI_API_KEY is set; what changed since the last time
	$(BIN)/python -m bench.dialogues

bench: $(DEV) $(SITE)  ## everything timed
	$(BIN)/python -m bench.turns $(ARGS)
	$(BIN)/python -m bench.retrieval
	$(BIN)/python -m bench.widget

screenshots: $(DEV) $(SITE)  ## take the README's pictures (needs Chromium)
	$(BIN)/python -m bench.screenshots

docs: $(DEV)  ## write what is made from the code: settings, evidence, the types of the frames
	$(BIN)/python -m tests.documents
	sh bin/npm run -s types

lock: $(DEV)  ## pin every requirement, direct or not, from requirements/*.in
	@cd requirements && for pair in lambda: run:-run workers:-workers dev:-dev template:-template; do \
	  ../$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --no-emit-index-url \
	    --no-emit-find-links --annotation-style line $${pair%%:*}.in -o ../requirements$${pair##*:}.txt || exit 1; done

clean:  ## remove what was installed and built (not the data)
	rm -rf $(VENV) build chalicelib/site web/node_modules .chalice/deployments .mypy_cache .ruff_cache

$(RUN): requirements-run.txt
	@sh bin/install $(PYTHON) $(VENV) requirements-run.txt
	@touch $@

$(BIN)/.workers-requirements: requirements-workers.txt $(RUN)
	@sh bin/install $(PYTHON) $(VENV) requirements-workers.txt
	@touch $@

$(SITE): $(WEB)
	@PYTHON='$(PYTHON)' sh bin/site

$(DEV): requirements-dev.txt
	@sh bin/install $(PYTHON) $(VENV) requirements-dev.txt
	@touch $(RUN)
	@touch $@ $(BIN)/.workers-requirements

$(CFN_LINT): requirements-template.txt
	@sh bin/install $(PYTHON) build/cfn-lint requirements-template.txt
	@touch $@
