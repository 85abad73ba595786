# The course: `make start` to learn, `make test` to check everything. Each first does what set-up is still to be done.

.DEFAULT_GOAL := help
.PHONY: help setup start test demo clean

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile

setup: ## prepare the Python environment in .venv (TALLER_PYTHON=... names the interpreter)
	@command -v python3 >/dev/null || { echo "setup: python3 is missing; Debian, Ubuntu: apt-get install python3" >&2; exit 3; }
	@exec python3 scripts/setup.py

start: setup ## open the course: the site, the next lesson, a check on every save
	@exec .venv/bin/taller start

test: setup ## check everything, or some: make test STAGES="lint types"
	@exec .venv/bin/python scripts/test.py $(STAGES)

demo: setup ## see the finished system at work: its story, and its page to try
	@exec .venv/bin/taller demo

clean: ## remove what was built here: .venv, site and caches (your progress stays)
	@rm -rf .venv .setup site .pytest_cache .mypy_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
