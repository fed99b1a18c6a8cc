# The image of every production service: Python, the locked dependencies and this repository.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    UV_COMPILE_BYTECODE=1 \
    UV_NO_CACHE=1 \
    UV_SYSTEM_PYTHON=1

WORKDIR /opt/vuosikello

# Pango lays out the reports' PDF.
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends \
        fonts-dejavu-core libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/*

# Dependencies first: they change seldom, and this layer is the large one. The lock holds the
# versions; what only developers need is left out.
COPY pyproject.toml requirements.txt overrides.txt ./
RUN pip install --no-cache-dir uv \
    && uv pip install --require-hashes --constraint requirements.txt --override overrides.txt \
        -r pyproject.toml

COPY LICENSE README.md ./
COPY common common
COPY ingest ingest
COPY dbt_project dbt_project
COPY expectations expectations
COPY exports exports
COPY attacker attacker
COPY vuosikello vuosikello
COPY dags dags
COPY simulation simulation
COPY examples examples
COPY docs docs
RUN uv pip install --no-deps --editable .

# A user without rights; its number is what the home volume's files belong to.
RUN useradd --uid 10001 --user-group --create-home vuosikello \
    && install --directory --owner vuosikello --group vuosikello --mode 0750 /var/lib/vuosikello
USER vuosikello
ENV VUOSIKELLO_HOME=/var/lib/vuosikello
VOLUME /var/lib/vuosikello

# What a service runs is said by docker-compose.yml; alone, the image shows what it can do.
CMD ["vuosikello", "--help"]
