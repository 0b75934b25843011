#!/bin/sh
# See to it that the tests have a browser, a Chinese font and a PostGIS server: install Debian's when missing and possible.
set -eu
has_browser() { command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1; }
has_chinese() { [ -n "$(fc-list :lang=zh 2>/dev/null)" ]; }
has_postgis() { ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1; }
install() {
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing for the tests: $*"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null && return
  fi
  echo "not installed: $*. Tests that need them are skipped, or fail where CI=true. Install them: apt install $*" >&2
}
has_browser || install chromium
has_chinese || install fontconfig fonts-noto-cjk
has_postgis || install postgresql postgresql-postgis
