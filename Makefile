# The commands of this project. `make` alone lists them.

# All processor cores, unless told otherwise: make report CORES=4
CORES ?= all

SHELL = /bin/sh
.DEFAULT_GOAL := help
.PHONY: help report cluster test bench docs schema lock

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(firstword $(MAKEFILE_LIST))

report: ## set up .venv, run the workflow, say where the report is
	@PYTHON='$(PYTHON)' tools/setup.sh requirements.txt
	.venv/bin/snakemake --cores $(CORES)
	@echo "Report: $(CURDIR)/$$(sed -n 's/^results: *\([^ ]*\).*/\1/p' config.yaml)/report.html"

cluster: ## set up .venv with what a cluster needs too, run nothing (docs/cluster.md)
	@PYTHON='$(PYTHON)' tools/setup.sh requirements.txt requirements-cluster.txt

test: ## set up .venv with what the tests need, run them
	@PYTHON='$(PYTHON)' tools/setup.sh requirements.txt requirements-test.txt
	.venv/bin/python -m pytest $(ARGS)

bench: ## set up .venv with what the measurements need, make them, write docs/benchmarks.md
	@PYTHON='$(PYTHON)' tools/setup.sh requirements.txt requirements-bench.txt
	.venv/bin/python benchmarks/bench.py $(if $(WORKBOOK),--workbook '$(WORKBOOK)') \
		$(if $(RECORDINGS),--recordings '$(RECORDINGS)') $(ARGS)

docs: ## set up .venv with what the documentation needs, build it as a site that can be searched offline
	@PYTHON='$(PYTHON)' tools/setup.sh requirements-docs.txt
	.venv/bin/python tools/docs/build_site.py site
	@echo "Site: $(CURDIR)/site/index.html"

schema: ## renew config.schema.json, by which editors check config.yaml
	@PYTHON='$(PYTHON)' tools/setup.sh requirements.txt
	PYTHONPATH=scripts .venv/bin/python -m auscultation.config.editor_schema

# `universal`: one lock for every Python and system. `fewest`: one version of a package on all of them.
COMPILE = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE)

lock: ## renew the locks after editing requirements*.in (all versions: UPGRADE=--upgrade)
	@PYTHON='$(PYTHON)' tools/setup.sh requirements.txt
	.venv/bin/python -m pip install --quiet --require-hashes -r tools/uv.txt
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-cluster.in -o requirements-cluster.txt
	$(COMPILE) requirements-test.in -o requirements-test.txt
	$(COMPILE) requirements-docs.in -o requirements-docs.txt
	$(COMPILE) requirements-bench.in -o requirements-bench.txt
	echo uv | $(COMPILE) - -o tools/uv.txt
