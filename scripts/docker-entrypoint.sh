#!/bin/sh
# Runs the given command. A database URL carries a password, so it may come as the name of a file: DATABASE_URL_FILE.
set -eu
if [ -n "${DATABASE_URL_FILE:-}" ]; then
  DATABASE_URL=$(cat "$DATABASE_URL_FILE")
  export DATABASE_URL
  unset DATABASE_URL_FILE
fi
exec "$@"
