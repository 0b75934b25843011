#!/bin/sh
# Make the environment and install gridwalk in it, with uv when it is there, else with pip.
# Versions come from the lock file $1 and are checked by hash.
set -eu
: "${PYTHON:=python3}" "${VENV:=.venv}"
lock=$1

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

if ! command -v "$PYTHON" >/dev/null 2>&1; then
  fail "gridwalk needs Python 3.11 or newer: install it (Debian, Ubuntu: apt install python3 python3-venv)." \
    "需要 Python 3.11 或更高版本：请安装（Debian、Ubuntu：apt install python3 python3-venv）。"
fi
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "gridwalk needs Python 3.11 or newer; $PYTHON is older. Try: make PYTHON=python3.12 …" \
    "需要 Python 3.11 或更高版本；当前 $PYTHON 版本过低。"

if command -v uv >/dev/null 2>&1; then
  [ -x "$VENV/bin/python" ] || uv venv -q --python "$PYTHON" "$VENV"
  uv pip install -q --python "$VENV/bin/python" --require-hashes -r "$lock"
  uv pip install -q --python "$VENV/bin/python" --no-deps -e .
else
  if [ ! -x "$VENV/bin/pip" ]; then
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null ||
      fail "Python's venv is missing. Debian, Ubuntu: apt install python3-venv" \
        "缺少 Python 的 venv 模块。Debian、Ubuntu：apt install python3-venv"
    "$PYTHON" -m venv "$VENV"
  fi
  "$VENV/bin/pip" install -q --disable-pip-version-check --require-hashes -r "$lock"
  "$VENV/bin/pip" install -q --disable-pip-version-check --no-deps -e .
fi
