.DEFAULT_GOAL := help
BIN := .venv/bin
# Tests start Python a thousand times: what it has compiled is kept, whatever the machine says.
unexport PYTHONDONTWRITEBYTECODE

help:     ## this list
	@grep -hE '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 10

demo: .venv/ok   ## command 1 of the README, on a fresh machine: installs all it needs, starts Peter, issues and shows a certificate
	@tools/install.sh demo
	@$(BIN)/python tools/demo.py

test: .venv/ok   ## command 2 of the README, on a fresh machine: installs all it needs, runs every check and every test
	@$(MAKE) --no-print-directory -j 2 servers check
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -q

check: .venv/ok  ## format, lint, types: what must pass before a commit
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(BIN)/mypy

quick: .venv/ok  ## the tests that need no server
	$(BIN)/pytest -q -m "not service"

fix: .venv/ok    ## let ruff repair
	$(BIN)/ruff check --fix -q .
	$(BIN)/ruff format -q .

bench: servers   ## every benchmark, with its ratios
	$(BIN)/python -m benchmarks.issuance
	$(BIN)/python -m benchmarks.concurrent
	$(BIN)/python -m benchmarks.config_json
	$(BIN)/python -m benchmarks.imports 10000
	$(BIN)/python -m benchmarks.recents
	$(BIN)/python -m benchmarks.redis_prime
	$(BIN)/python -m benchmarks.handshake
	$(BIN)/python -m benchmarks.edge_memory

routes: .venv/ok ## rewrite tests/routes.txt
	$(BIN)/python -m tests.routes > tests/routes.txt

docs: .venv/ok   ## rewrite the generated pages of docs/
	$(BIN)/python -m peter_sslers.scripts.write_docs

servers: .venv/ok
	@tools/install.sh test

.venv/ok: setup.py tools/install.sh
	@tools/install.sh venv
	@touch $@

.PHONY: help demo test servers check quick fix bench routes docs
