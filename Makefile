# Everything lands in the git-ignored .odoo/; nothing else on the machine is changed.
# Knobs: ODOO_SRC (your Odoo 19 checkout), PGHOST/PGUSER (your PostgreSQL), PORT, PYTHON, ARGS.
PYTHON ?= python3
export ARGS
ifdef PORT
export PORT
endif
unexport PYTHONPATH PYTHONHOME
DEV := $(PYTHON) -B dev/make.py

.DEFAULT_GOAL := help
.PHONY: help run update stop reset log shell psql test lint bench pot

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## start the web client on a demo database (PORT=8069)
	@$(DEV) $@

update: ## update the addon in the demo database and restart
	@$(DEV) $@

stop: ## stop the web client and the private PostgreSQL
	@$(DEV) $@

reset: ## forget all databases
	@$(DEV) $@

log: ## follow the server's log
	@$(DEV) $@

shell: ## Odoo's Python shell on the demo database
	@$(DEV) $@

psql: ## SQL on the demo database
	@$(DEV) $@

test: ## run the whole suite (ARGS="-k renewal", ARGS=tests/contract)
	@$(DEV) $@

lint: ## ruff, pylint-odoo, oca-checks
	@$(DEV) $@

bench: ## run the benchmarks
	@$(DEV) $@

pot: ## refresh i18n/aftersales.pot and the translations
	@$(DEV) $@
