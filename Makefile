# The commands of the project. Each is safe to repeat, says what it is doing, and installs what it needs.
.DEFAULT_GOAL := help
.PHONY: help run test test-services train evaluate bench lint format lock

SHELL := /bin/bash
BOOT  := python3 requirements/install.py
APP   := .venv/bin/python
BOT   := .venv-bot/bin/python
CODE  := policies_kb casework actions channels bot tests requirements

export RASA_TELEMETRY_ENABLED := false
export PYTHONDONTWRITEBYTECODE := 1

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */\1\t/' | column -t -s "$$(printf '\t')"

run:  ## prepare everything and serve; Ctrl-C ends it
	@$(BOOT) app bot
	@$(BOT) -m bot.train
	@exec $(APP) -m channels.service

train:  ## train the model into bot/models/, only if data or config changed
	@$(BOOT) bot
	@$(BOT) -m bot.train

test: train  ## all tests that need no outside server
	@$(BOOT) app dev
	@tests/browser/install.sh
	@$(BOT) -m pytest tests/bot -m "not outside" --junitxml=var/reports/bot.xml
	@$(APP) -m pytest tests --ignore=tests/bot -m "not outside" --junitxml=var/reports/app.xml

test-services: train  ## the same suites against PostgreSQL and Redis
	@$(BOOT) app dev
	@tests/services/run.sh $(APP)

evaluate: train  ## measure understanding; fails under a floor
	@$(BOT) -m bot.evaluate

bench: train  ## measure speed
	@$(BOOT) app dev
	@$(APP) -m tests.load.bench

lint:  ## formatter, linter, types, knowledge-base check, response check
	@$(BOOT) app dev
	@$(APP) -m ruff format --check $(CODE)
	@$(APP) -m ruff check $(CODE)
	@$(APP) -m mypy policies_kb casework actions channels
	@$(APP) -m policies_kb check
	@$(APP) -m policies_kb coverage --fail-under 85
	@$(APP) -m actions.wording.check

format:  ## write the code the way `make lint` wants it
	@$(BOOT) app dev
	@$(APP) -m ruff check --fix $(CODE)
	@$(APP) -m ruff format $(CODE)

lock:  ## pin the direct dependencies of pyproject.toml into requirements/
	@requirements/lock.sh
