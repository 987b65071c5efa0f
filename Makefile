PYTHON ?= python3
BIN := .venv/bin
PROTOS := $(shell find proto/unified -name '*.proto')
CONTRACT := proto/unified/analytics/v1/contract.binpb
NODE_CLIENTS := $(patsubst %,tests/clients/%/node_modules/.stamp,node typescript)
CONTAINER_ENGINE ?= $(shell command -v podman || command -v docker)
IMAGE ?= localhost/analytics-gateway:dev
# Only the public registry may decide what a lock holds, wherever `make lock` runs.
COMPILE = env -u UV_FIND_LINKS -u PIP_FIND_LINKS $(BIN)/uv --no-config pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
BUILD_REQUIRES := $(BIN)/python -c 'import tomllib; \
	print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")'

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## Tell what can be made (the default)
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

.PHONY: env
env: .venv/.stamp ## Make .venv: every locked package, and the project itself, editable

.venv/.stamp: requirements.lock requirements-dev.lock pyproject.toml hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.13")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

.PHONY: generate
generate: $(CONTRACT) ## Compile proto/ to Python modules and to the descriptor set, if it has changed

$(CONTRACT): $(PROTOS) hatch_build.py | .venv/.stamp
	$(BIN)/python hatch_build.py
	@touch $@

# Clients in other languages, for the tests; only they need Node.js.
tests/clients/%/node_modules/.stamp: tests/clients/%/package.json tests/clients/%/package-lock.json
	@command -v npm >/dev/null || { echo "Node.js 18 or newer and npm are needed for the tests, such as by: apt-get install nodejs npm"; exit 1; }
	npm ci --prefix tests/clients/$*
	@touch $@

.PHONY: run
run: env generate ## Serve on loopback, with a simulator of every upstream
	exec $(BIN)/analytics-gateway serve --sandbox $(ARGS)

.PHONY: test
test: env generate $(NODE_CLIENTS) ## Run the tests
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal $(ARGS)

.PHONY: bench
bench: env generate ## Measure the gateway beside the least that its work can cost; ARGS=--help tells how
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: outage
outage: env generate ## Let one source fail under load, and write docs/outage.md and its picture

.PHONY: soak
soak: env generate ## Mixed traffic for minutes: do memory or open files grow? ARGS="--minutes 10"

.PHONY: havoc
havoc: env generate ## Thousands of calls while upstreams and Redis are killed and restarted; redis-server is needed

outage soak havoc:
	@$(BIN)/python -m benchmarks.trials $@ $(ARGS)

.PHONY: fuzz
fuzz: env generate ## Call REST with many random requests; ARGS="--max-time 600 --seed 7" are Schemathesis' own
	$(BIN)/python -m tests.fuzz $(ARGS)

.PHONY: lint
lint: env generate ## Check style, types, the contract and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/buf lint $(CONTRACT) --path unified --config buf.yaml
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/hadolint Dockerfile

.PHONY: breaking
breaking: env generate ## Check that the contract breaks nobody who built on the last release
	@tag=$$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null) || { echo "no release yet: nothing to break"; exit 0; }; \
	set -e; rm -rf build/released; mkdir -p build/released; \
	git archive --output build/released.tar "$$tag" proto; tar -x -f build/released.tar -C build/released; \
	$(BIN)/python hatch_build.py build/released/proto; \
	$(BIN)/buf breaking $(CONTRACT) --against build/released/$(CONTRACT) --path unified --config buf.yaml

.PHONY: check
check: lint breaking test ## Everything that CI checks

# Not part of `check`: it needs Linux, and an engine that may run containers. In the OCI's own format an image cannot
# have a health check; podman is told so by BUILDAH_FORMAT.
.PHONY: image-test
image-test: env generate ## Build the container image, and try it; podman or docker is needed
	@test -n "$(CONTAINER_ENGINE)" || { echo "podman or docker is needed, such as by: apt-get install podman"; exit 1; }
	BUILDAH_FORMAT=docker $(CONTAINER_ENGINE) build --network host --tag $(IMAGE) .
	CONTAINER_ENGINE=$(CONTAINER_ENGINE) IMAGE=$(IMAGE) $(BIN)/python -m pytest tests/image --timeout 300 $(ARGS)

.PHONY: lock
lock: $(BIN)/uv ## Write the locks anew; UPGRADE=--upgrade takes the newest versions
	$(BUILD_REQUIRES) | $(COMPILE) --all-extras $(UPGRADE) pyproject.toml - --output-file requirements.lock
	$(BUILD_REQUIRES) | $(COMPILE) --all-extras $(UPGRADE) pyproject.toml - --group dev --constraints requirements.lock \
		--output-file requirements-dev.lock

# Usually part of the environment; so even a lock that cannot be installed can be written anew.
$(BIN)/uv:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
