# A tag moves. For a build that can be repeated, name the digest that your registry has for it:
#   --build-arg PYTHON_IMAGE=python:3.13-slim@sha256:...
ARG PYTHON_IMAGE=python:3.13-slim


FROM ${PYTHON_IMAGE} AS packages

ENV PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build

# The only step that reaches a package index. Whatever is installed below, build tools too, was checked by hash here.
COPY requirements.lock ./
RUN pip download --only-binary :all: --require-hashes --requirement requirements.lock --dest wheels
ENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/build/wheels

# What the gateway needs when it runs, and no more. Changes of the code do not come this far.
COPY pyproject.toml ./
RUN python -c 'import tomllib; project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
        print(*project["dependencies"], *sum(project["optional-dependencies"].values(), []), sep="\n")' > dependencies.txt \
    && python -m venv --without-pip /opt/gateway \
    && pip --python /opt/gateway install --no-compile --requirement dependencies.txt \
    # Bytecode that is never compared with its source: the times of files do not matter, and may be rewritten.
    && python -m compileall -q --invalidation-mode unchecked-hash /opt/gateway/lib


FROM packages AS code

COPY LICENSE README.md hatch_build.py ./
COPY proto/ proto/
COPY adapters/ adapters/
COPY gateway/ gateway/
# The build tools live and die in an environment that pip makes for the wheel.
RUN pip wheel --no-deps --wheel-dir dist . \
    && pip --python /opt/gateway install --no-compile --no-deps --no-warn-script-location --root /code dist/*.whl \
    && python -m compileall -q --invalidation-mode unchecked-hash -s /code /code/opt/gateway/lib


FROM ${PYTHON_IMAGE}

ENV PYTHONDONTWRITEBYTECODE=1

# The base image comes without bytecode, and nobody may write any in a container: every start, and every health check,
# would compile the standard library anew. And it comes with pip, in two copies, which nobody needs any more.
RUN pip uninstall --yes --root-user-action ignore pip \
    && library="$(python -c 'import os; print(os.path.dirname(os.__file__))')" \
    && rm -r "$library/ensurepip" \
    && python -m compileall -q --invalidation-mode unchecked-hash \
        -x '/(idlelib|pydoc_data|tkinter|turtledemo)/' "$library"

COPY --from=packages /opt/gateway /opt/gateway
COPY --from=code /code/opt/gateway /opt/gateway

# The environment wins over a configuration file, so the health check below knows where to ask, whatever that file says.
ENV PATH=/opt/gateway/bin:$PATH \
    ANALYTICS_GATEWAY_SERVER__GRPC_ADDRESS=0.0.0.0:50051 \
    ANALYTICS_GATEWAY_SERVER__REST_ADDRESS=0.0.0.0:8080

LABEL org.opencontainers.image.title="analytics-gateway" \
      org.opencontainers.image.description="One gRPC and REST service that answers how tools are being used" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"

# A number, so that Kubernetes can tell that it is not root. It owns nothing here, and needs no entry in /etc/passwd.
USER 65532:65532
EXPOSE 50051 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["analytics-gateway", "health"]
ENTRYPOINT ["analytics-gateway"]
CMD ["serve"]
