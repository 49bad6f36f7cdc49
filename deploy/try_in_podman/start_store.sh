#!/bin/sh
# Starts what the official images of PostgreSQL and Redis would start, from the same variables and arguments.
set -eu
if [ "${1:-}" = redis-server ]; then
  exec "$@"
fi
programs=$(echo /usr/lib/postgresql/*/bin)
data=/var/lib/postgresql/data
as_postgres="setpriv --reuid=postgres --regid=postgres --init-groups"
if [ ! -e "$data/PG_VERSION" ]; then
  install -d -o postgres -g postgres -m 0700 "$data"
  printf %s "$POSTGRES_PASSWORD" | install -o postgres -m 0600 /dev/stdin /tmp/password
  $as_postgres "$programs/initdb" -D "$data" -U "$POSTGRES_USER" --pwfile=/tmp/password --auth=scram-sha-256 --locale=C.UTF-8
  rm /tmp/password
  echo "CREATE DATABASE \"$POSTGRES_DB\"" | $as_postgres "$programs/postgres" --single -D "$data" postgres
fi
exec $as_postgres "$programs/postgres" -D "$data" -k /tmp "$@"
