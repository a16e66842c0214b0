# Every target first brings the environment up to date (bin/setup does only what is missing or stale).
PYTHON_ENV = .venv/bin/python
PORT ?= 8000
QUALITY = tests/scoring/test_engine.py::test_every_card_gives_what_the_reference_gives \
	tests/scoring/test_learning.py::test_on_a_real_list_it_comes_near_gradient_boosting \
	tests/leads/test_duplicates.py::test_suggestions_on_real_records \
	tests/leads/test_duplicates.py::test_what_merges_by_itself_on_real_records

.PHONY: help demo setup test check bench quality feel pictures messages format
.DEFAULT_GOAL := help

help: ## This list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

setup: ## Create or refresh .venv and the front-end files
	@./bin/setup

demo: setup ## Everything running with demo data, on http://127.0.0.1:8000 (PORT=8123 changes it)
	@exec $(PYTHON_ENV) manage.py up --demo --port $(PORT) --stop-with-parent

test: setup ## The whole test suite (BROWSER=required makes a missing Chromium a failure)
	@$(PYTHON_ENV) -m pytest -n auto --dist loadfile

check: setup ## Formatting, lint, types, import rules, missing migrations, untranslated strings
	@$(PYTHON_ENV) bin/check.py

bench: setup ## The benchmarks (BENCH_LEADS=100000 sets the size), into benchmarks/latest.json
	@$(PYTHON_ENV) -m benchmarks

quality: setup ## How well it scores, learns and matches on public records: the figures, printed
	@CONDITION_EXAMPLES=1500 $(PYTHON_ENV) -m pytest -q -s $(QUALITY)

feel: setup ## How a rep's pages feel in a browser with a slow processor, on the demo
	@$(PYTHON_ENV) bin/feel.py

pictures: setup ## Six pictures of the demo, into docs/pictures
	@$(PYTHON_ENV) bin/pictures.py

messages: setup ## Extract strings into the .po files
	@$(PYTHON_ENV) manage.py messages

format: setup ## Format the code
	@.venv/bin/ruff check --quiet --fix-only . ; .venv/bin/ruff format .
