#!/bin/sh
# Sets up the virtual environment, the locked packages and the front-end assets. Called by make; safe to run again.
set -eu
PYTHON="${PYTHON:-python3}"
VENV="${VENV:-.venv}"

fail() { echo "set-up: $1" >&2; exit 2; }

command -v "$PYTHON" >/dev/null 2>&1 || fail "no '$PYTHON' found; install Python 3.11 or newer, or call make with PYTHON=/path/to/python3"
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
  || fail "Python 3.11 or newer is needed, '$PYTHON' is $("$PYTHON" -V 2>&1); call make with PYTHON=/path/to/a/newer/python3"

echo "set-up: virtual environment and locked packages (once, a minute or so)"
[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.lock
# uv is fast; where its own network settings do not reach an index that pip does, pip installs the same locked set.
"$VENV/bin/uv" pip sync --quiet --compile-bytecode --python "$VENV/bin/python" --require-hashes requirements.lock 2>"$VENV/uv.log" \
  || "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock \
  || fail "the locked packages could not be installed; see $VENV/uv.log"
"$VENV/bin/uv" pip install --quiet --python "$VENV/bin/python" --offline --no-deps --no-build-isolation --editable .

echo "set-up: front-end assets"
PATH="$(cd "$VENV/bin" && pwd):$PATH"
export PATH
(cd web && npm ci --silent --no-audit --no-fund --ignore-scripts) || fail "the front-end packages could not be installed (npm ci in web/)"
vendor=web/static/vendor
rm -rf "$vendor" && mkdir -p "$vendor"
# One file: htmx begins as soon as it is there, and never learns of an extension that the network brings a moment later.
htmx=web/node_modules/htmx.org/dist
{ cat "$htmx/htmx.min.js"; echo ';'; cat "$htmx/ext/hx-sse.min.js"; } > "$vendor/htmx-sse.min.js"
cp web/node_modules/@knadh/oat/oat.min.css web/node_modules/@knadh/oat/oat.min.js "$vendor/"

touch "$VENV/.ready"
