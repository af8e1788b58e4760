# gupkit: make lab opens the kit, make test tries all of it. Needs Python 3.11 or newer with venv; nothing else.

PYTHON ?= python3
VENV ?= .venv
# Exact versions that are known to work together; make CONSTRAINTS= lab takes the newest allowed ones instead.
CONSTRAINTS ?= constraints.txt
ARGS ?=

BIN := $(VENV)/bin
# A stamp says: this much is installed, for these two files.
KIT := $(VENV)/.installed-kit
ALL := $(VENV)/.installed-all

# JupyterLab refuses to run as root unless told; in a container one usually is. It listens on localhost, with a token.
ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
FIRST := notebooks/00-start-here.ipynb
# Settings of tools/lab: no question about news over the first notebook.
QUIET_LAB := --LabApp.app_settings_dir="$(CURDIR)/tools/lab" --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate

# A click in an explorer is answered at once: gupkit/cli/prompt.py says what stands in the way otherwise.
PROMPT := --ServerApp.kernel_websocket_connection_class=gupkit.cli.prompt.PromptConnection

.DEFAULT_GOAL := help
.PHONY: help lab test prove lint bench book slides site clean

help:
	@echo "make lab     install into .venv and open JupyterLab on the first notebook (ARGS=--no-browser on a server)"
	@echo "make test    lint, types, every test with coverage, notebooks and a real browser included"
	@echo "make prove   what takes longer than anybody waits for; interrupt it, and it goes on where it was"
	@echo "make lint    ruff, typos and mypy alone"
	@echo "make bench   the promises in numbers, measured here"
	@echo "make site    the kit as a static web site that runs in the reader's browser; needs npm"
	@echo "make book    the lectures, executed, with a reference and a glossary, as pages for any browser: book/"
	@echo "make slides  the same lectures as slide shows: slides/"
	@echo "make clean   remove .venv and what the tools left behind"
	@echo "Variables: PYTHON=$(PYTHON) VENV=$(VENV) CONSTRAINTS=$(CONSTRAINTS) ARGS=$(ARGS)"

lab: $(KIT)
	$(BIN)/jupyter-lab $(ROOT) $(QUIET_LAB) $(PROMPT) --ServerApp.root_dir="$(CURDIR)" --LabApp.default_url=/lab/tree/$(FIRST) $(ARGS)

test: $(ALL)
	@$(BIN)/python tools/chromium.py --select >/dev/null
	$(BIN)/ruff check .
	$(BIN)/typos
	$(BIN)/mypy
	@select="$$($(BIN)/python tools/chromium.py --select 2>/dev/null)" && \
	$(BIN)/pytest -n 2 --dist loadgroup -m "not prove$${select:+ and $$select}" --cov=gupkit --cov-branch --cov-fail-under=95 $(ARGS)

prove: $(ALL)
	$(BIN)/pytest -n 2 --dist loadgroup -p tests.proved -m prove --durations=20 $(ARGS)

lint: $(ALL)
	$(BIN)/ruff check .
	$(BIN)/typos
	$(BIN)/mypy

bench: $(ALL)
	@$(BIN)/python -m benchmarks $(ARGS)

site: book
	@$(BIN)/python -m tools.site $(if $(CONSTRAINTS),--constraint $(CONSTRAINTS))

book: $(ALL)
	$(BIN)/python -m tools.book $(ARGS)

slides: $(ALL)
	$(BIN)/python -m tools.slides $(ARGS)

clean:
	rm -rf "$(VENV)" .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov build dist book slides site
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

define need_python
@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) here: install Python 3.11 or newer with venv \
(Debian and Ubuntu: apt install python3-venv), or name one: make PYTHON=python3.12 lab" >&2; exit 1; }
endef

$(KIT): pyproject.toml $(CONSTRAINTS)
	$(need_python)
	@echo "Installing gupkit into $(VENV) (a minute or two, once) ..."
	@$(PYTHON) tools/make_venv.py "$(VENV)" - $(CONSTRAINTS)
	@touch $@

$(ALL): pyproject.toml $(CONSTRAINTS)
	$(need_python)
	@echo "Installing gupkit and its test tools into $(VENV) (a minute or two, once) ..."
	@$(PYTHON) tools/make_venv.py "$(VENV)" all $(CONSTRAINTS)
	@touch $(KIT) $@
