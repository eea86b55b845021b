# Needs uv and make; everything else is set up by `setup`.
.DEFAULT_GOAL := help
UV ?= uv
# A company's own certificate authority is the system's, not uv's.
export UV_SYSTEM_CERTS ?= 1
RUN := $(UV) run --frozen

# No default world: without ENV the command says which there are.
ENV ?=
.PHONY: help setup demo test check synth diff deploy destroy bench docs clean
help:  ## Show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

setup:  ## Install the locked packages, and the jars of Spark and Kafka into .cache/
	@command -v $(UV) >/dev/null || { echo "uv is missing; see https://docs.astral.sh/uv/"; exit 1; }
	$(UV) sync --frozen --quiet
	$(RUN) python -m local_aws.jars

demo: setup  ## A retail month from nothing to an answer on gold, on this machine
	$(RUN) lakehouse demo

test: setup  ## All tests
	$(RUN) pytest

check: setup  ## Style, types, who imports whom, and every fact file
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) lint-imports
	$(RUN) lakehouse validate

synth: setup  ## Write the Terraform of ENV, such as `make synth ENV=dev`; needs no credentials
	$(RUN) cdktf synth $(if $(ENV),--env $(ENV))

diff: setup  ## What a deploy of ENV would change
	$(RUN) cdktf diff $(if $(ENV),--env $(ENV))

deploy: setup  ## Validate, build, check and deploy ENV; protected ones ask first
	$(RUN) lakehouse deploy $(if $(ENV),--env $(ENV))

destroy: setup  ## Take away everything of ENV; asks first
	$(RUN) cdktf destroy $(if $(ENV),--env $(ENV))

bench: setup  ## Each engine step against a hand-written Spark script, as ratios
	$(RUN) python -m benchmarks

docs: setup  ## Write what is made from the facts: the JSON Schemas of the fact files
	$(RUN) lakehouse schemas export

clean:  ## Remove everything that setup and runs made
	rm -rf .venv .cache .local .build cdktf.out .pytest_cache .mypy_cache .ruff_cache .hypothesis
