#!/usr/bin/env bash
# The suites that need PostgreSQL or Redis: both from Debian's packages, started on free loopback ports with data of
# their own, and stopped at the end. Nothing that runs already is touched.
set -eu
cd "$(dirname "$0")/../.."
app=$1
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
if [ -z "$bin" ] || ! command -v redis-server >/dev/null; then
    if ! command -v apt-get >/dev/null; then
        echo "test-services: install PostgreSQL and Redis, then run this again." >&2
        exit 1
    fi
    echo "· installing PostgreSQL and Redis"
    as_root=$([ "$(id -u)" = 0 ] || echo sudo)
    export DEBIAN_FRONTEND=noninteractive
    $as_root apt-get update -qq
    $as_root apt-get install -y -qq --no-install-recommends postgresql redis-server >/dev/null
    bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
fi

folder=$(mktemp -d)
free_port() { "$app" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
pg_port=$(free_port)
redis_port=$(free_port)
# PostgreSQL refuses to run as root.
as_postgres=()
if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder"
    as_postgres=(runuser -u postgres --)
fi
redis_pid=
stop() {
    [ -z "$redis_pid" ] || kill "$redis_pid" 2>/dev/null || true
    "${as_postgres[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT

echo "· starting PostgreSQL on port $pg_port and Redis on port $redis_port"
"${as_postgres[@]}" "$bin/initdb" -D "$folder/data" -U navigator -A trust -E UTF8 --no-sync >/dev/null
"${as_postgres[@]}" "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/postgres.log" \
    -o "-p $pg_port -c listen_addresses=127.0.0.1 -k $folder -c fsync=off" start >/dev/null
for database in navigator_test navigator_whole_test; do
    "${as_postgres[@]}" "$bin/createdb" -h 127.0.0.1 -p "$pg_port" -U navigator "$database"
done
redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --dir "$folder" >/dev/null &
redis_pid=$!

export NAVIGATOR_TEST_DATABASE_URL="postgresql://navigator@127.0.0.1:$pg_port/navigator_test"
export NAVIGATOR_TEST_REDIS_URL="redis://127.0.0.1:$redis_port/0"
"$app" -m pytest tests/casework tests/channels tests/desk tests/policies_kb -m outside --junitxml=var/reports/services.xml
# The whole path against both, with the real processes.
export NAVIGATOR_TEST_DATABASE_URL="postgresql://navigator@127.0.0.1:$pg_port/navigator_whole_test"
"$app" -m pytest tests/conversations --junitxml=var/reports/services-whole.xml
