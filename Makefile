# Needs uv and make; everything else is set up by `setup`.
.DEFAULT_GOAL := help
UV ?= uv
# A company's own certificate authority is the system's, not uv's.
export UV_SYSTEM_CERTS ?= 1
# Hundreds of Python processes start in a test run: compiled once, each starts in half the time.
export PYTHONDONTWRITEBYTECODE =
RUN := $(UV) run --frozen

AIRFLOWS := 3.2.1 3.0.6

# No default world: without ENV the command says which there are.
ENV ?=
.PHONY: help setup airflow airflow-azure demo demo-deployed test test-all check dags-list synth diff deploy destroy bench docs clean
help:  ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

setup:  ## Install the locked packages; the jars of Spark and Kafka and their class archives go into .cache/
	@command -v $(UV) >/dev/null || { echo "uv is missing; see https://docs.astral.sh/uv/"; exit 1; }
	$(UV) sync --frozen --all-extras --quiet
	$(RUN) python -m local_aws.jars
	$(RUN) python -m local_aws.class_archive_training

airflow: $(AIRFLOWS:%=.cache/airflow-%/ready)  ## Install the Airflows that MWAA offers, with its pins, into .cache/

# Their pins and the project's exclude one another. MWAA has Python 3.12, which pyenv may have without offering it.
.cache/airflow-%/ready: mwaa_dags/requirements-%.txt mwaa_dags/constraints-%.txt
	rm -rf $(@D)
	python=$$(PYENV_VERSION=$$(pyenv latest 3.12 2>/dev/null) pyenv which python3.12 2>/dev/null || echo 3.12); \
	$(UV) venv --quiet --python $$python $(@D) || $(UV) venv --quiet --python 3.11 $(@D)
	$(UV) pip install --quiet --python $(@D)/bin/python --constraint mwaa_dags/constraints-$*.txt apache-airflow==$* $$(grep == mwaa_dags/requirements-$*.txt)
	touch $@

# The Azure provider beside an Airflow: only what its operator of Data Factory imports, which is a tenth of it.
.cache/airflow-azure-%/ready: .cache/airflow-%/ready mwaa_dags/requirements-%-data-factory.txt
	rm -rf $(@D)
	$(UV) pip install --quiet --python .cache/airflow-$*/bin/python --target $(@D) --no-deps $$(grep azure== mwaa_dags/requirements-$*-data-factory.txt)
	$(UV) pip install --quiet --python .cache/airflow-$*/bin/python --target $(@D) --constraint mwaa_dags/constraints-$*.txt azure-identity azure-mgmt-datafactory msrest
	touch $@

demo: setup  ## A retail month from nothing to an answer on gold, on this machine
	$(RUN) lakehouse demo

demo-deployed: setup .cache/airflow-$(firstword $(AIRFLOWS))/ready  ## The same with the stack deployed by Terraform: its DAG in a real Airflow, its jobs, roles, and an alert
	$(RUN) lakehouse demo --deployed

test: setup airflow  ## The tests of every part, without the slow matrices
	$(RUN) pytest

airflow-azure: .cache/airflow-azure-$(firstword $(AIRFLOWS))/ready  ## Install the Azure provider beside the newest Airflow, into .cache/

test-all: setup airflow airflow-azure  ## All tests, the slow matrices too: every kill, every environment
	$(RUN) pytest -m ''

check: setup  ## Style, types, who imports whom, and every fact file
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) lint-imports
	$(RUN) python -m infra.build.export --check
	$(RUN) lakehouse schemas export --check
	$(RUN) lakehouse access page --check
	$(RUN) lakehouse validate

synth: setup  ## Write the Terraform of ENV, such as `make synth ENV=dev`; needs no credentials
	$(RUN) cdktf synth $(if $(ENV),--env $(ENV))

diff: setup  ## What a deploy of ENV would change
	$(RUN) cdktf diff $(if $(ENV),--env $(ENV))

deploy: setup  ## Validate, build, check and deploy ENV; protected ones ask first
	$(RUN) lakehouse deploy $(if $(ENV),--env $(ENV))

destroy: setup  ## Take away everything of ENV; asks first
	$(RUN) cdktf destroy $(if $(ENV),--env $(ENV))

dags-list: setup airflow  ## The DAGs that a real Airflow sees in ENV
	@$(RUN) python tests/mwaa_dags/real_airflow.py $(ENV)

bench: setup  ## Each engine step against a hand-written Spark script, as ratios
	$(RUN) python -m benchmarks

docs: setup  ## Write what is made from other files: JSON Schemas of the fact files, docs/access.md, pinned requirements
	$(RUN) lakehouse schemas export
	$(RUN) lakehouse access page
	$(RUN) python -m infra.build.export

clean:  ## Remove everything that setup and runs made
	rm -rf .venv .cache .local .build cdktf.out .pytest_cache .mypy_cache .ruff_cache .hypothesis
