# The image of the API, the worker and the set-up command; which of them runs is said by docker-compose.temporal.yml.
FROM python:3.11-slim AS build
WORKDIR /app
# The same set-up as on a developer's machine makes the front-end assets and brings the tools, outside the image.
COPY pyproject.toml README.md requirements-setup.lock requirements.lock setup.sh ./
COPY web/package.json web/package-lock.json web/
RUN VENV=/opt/tools sh setup.sh
# The product's own packages only, each by its locked hash; hatchling and editables put the project itself on the path.
RUN python -m venv /opt/venv \
 && /opt/tools/bin/uv pip install --python /opt/venv/bin/python --require-hashes --constraint requirements.lock \
    -r pyproject.toml \
 && /opt/tools/bin/uv pip install --python /opt/venv/bin/python --constraint requirements.lock hatchling editables \
 && /opt/tools/bin/uv pip install --python /opt/venv/bin/python --no-deps --no-build-isolation --editable .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin inbuild
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY --from=build /opt/venv /opt/venv
COPY accounting accounting
COPY activities activities
COPY api api
COPY cli cli
COPY contracts contracts
COPY docker docker
COPY foundation foundation
COPY migrations migrations
COPY models models
COPY providers providers
COPY web web
COPY workflows workflows
COPY alembic.ini pyproject.toml worker.py ./
COPY --from=build /app/web/static/vendor web/static/vendor
USER inbuild
CMD ["python", "-m", "api", "--host", "0.0.0.0", "--port", "8000"]
