# The whole product in one image: `baton serve` by default, `baton worker` or any other command by name.
# Its Debian has the pg_dump of PostgreSQL 17, which `baton db backup` needs and compose.yaml runs.
FROM python:3.13-slim-trixie

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    BATON_DATA_DIR=/data

RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin baton \
    && install --directory --owner baton --group baton --mode 0700 /data

WORKDIR /opt/baton

# What rarely changes comes first: a new release of ours reuses the layer with everybody else's.
COPY pyproject.toml constraints.txt README.md LICENSE ./
RUN mkdir webapp && touch webapp/__init__.py \
    && pip install --constraint constraints.txt --editable '.[postgres]'

COPY webapp webapp
COPY templates templates
COPY static static
COPY question_flows question_flows
COPY docs/examples docs/examples
RUN python -m compileall -q webapp

USER baton
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["baton", "serve", "--host", "0.0.0.0", "--port", "8000"]
