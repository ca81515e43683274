#!/bin/sh
# Installs what a make target needs: `venv` the Python side, `demo` and `test` Debian's packages too.
# Nothing is done twice. Without root it says what is missing and stops.
set -eu
cd "$(dirname "$0")/.."

packages_for() {
    case "$1" in
        demo) echo "pebble pebble" ;;
        test) echo "pebble pebble
redis-server redis-server
nginx nginx-light
chromium chromium
lynx lynx
wrk wrk" ;;
    esac
}

has() {
    command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]
}

missing() {
    packages_for "$1" | while read -r binary package; do
        has "$binary" || printf '%s ' "$package"
    done
    if [ "$1" = test ]; then
        set -- /usr/lib/postgresql/*/bin/postgres
        [ -x "$1" ] || printf 'postgresql '
    fi
    has openssl || printf 'openssl '
}

install_packages() {
    wanted=$(missing "$1")
    [ -z "$wanted" ] && return 0
    if [ "$(id -u)" -ne 0 ] || ! has apt-get; then
        echo "Please install: $wanted" >&2
        exit 1
    fi
    echo "Installing from Debian: $wanted"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # shellcheck disable=SC2086
    apt-get install -y -qq --no-install-recommends $wanted >/dev/null
}

install_venv() {
    echo "Installing from PyPI into .venv"
    if [ ! -x .venv/bin/python ]; then
        python3 -m venv .venv 2>/dev/null || {
            if [ "$(id -u)" -eq 0 ] && has apt-get; then
                apt-get update -qq
                apt-get install -y -qq --no-install-recommends python3-venv python3-pip >/dev/null
            fi
            python3 -m venv .venv
        }
    fi
    # uv installs the same packages in a tenth of the time; without it pip does it.
    if .venv/bin/python -m pip install -q --disable-pip-version-check uv 2>/dev/null; then
        .venv/bin/uv pip install -q -p .venv/bin/python -e '.[test]'
    else
        .venv/bin/python -m pip install -q --disable-pip-version-check -e '.[test]'
    fi
}

case "$1" in
    venv) install_venv ;;
    *) install_packages "$1" ;;
esac
