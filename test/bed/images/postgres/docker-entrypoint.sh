#!/bin/sh
# The official image's protocol: POSTGRES_PASSWORD, _USER, _DB, _INITDB_ARGS (each also as ..._FILE),
# POSTGRES_HOST_AUTH_METHOD, PGDATA, and the files of /docker-entrypoint-initdb.d at the first start.
set -e
fail() { echo "$*" >&2; exit 1; }

# value NAME DEFAULT: NAME, or the content of the file that NAME_FILE names
value() {
  eval "text=\${$1:-} file=\${${1}_FILE:-}"
  [ -z "$text" ] || [ -z "$file" ] || fail "error: both $1 and $1_FILE are set"
  [ -z "$file" ] || text=$(cat "$file")
  echo "${text:-$2}"
}

prepare_folders() {
  mkdir -p "$PGDATA" /var/run/postgresql
  chmod 700 "$PGDATA"
  chown -R postgres "$PGDATA" /var/run/postgresql
}

initialise() {
  password=$(value POSTGRES_PASSWORD '')
  user=$(value POSTGRES_USER postgres)
  database=$(value POSTGRES_DB "$user")
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  [ -n "$password" ] || [ "$method" = trust ] || fail 'Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser.'
  echo "$password" > /tmp/password
  # shellcheck disable=SC2046 # the arguments are words
  initdb --no-sync --username="$user" ${password:+--pwfile=/tmp/password} --auth-local=trust --auth-host=trust --encoding=UTF8 \
    --locale=C.UTF-8 $(value POSTGRES_INITDB_ARGS '')
  rm /tmp/password
  printf '\nhost all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"
  # here, not in postgresql.conf.sample: initdb writes its own defaults over what that says of sockets
  printf "listen_addresses = '*'\nunix_socket_directories = '/var/run/postgresql'\n" >> "$PGDATA/postgresql.conf"
}

run_scripts() {
  for script in /docker-entrypoint-initdb.d/*; do
    case $script in
      *.sh) echo "$0: running $script"; if [ -x "$script" ]; then "$script"; else . "$script"; fi ;;
      *.sql) echo "$0: running $script"; run_sql -f "$script" ;;
      *.sql.gz) echo "$0: running $script"; gunzip -c "$script" | run_sql ;;
      */\*) ;;
      *) echo "$0: ignoring $script" ;;
    esac
  done
}
run_sql() { psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$user" --no-password --dbname "$database" "$@"; }

case ${1:-} in -*) set -- postgres "$@" ;; esac
[ "${1:-}" = postgres ] || exec "$@"
if [ "$(id -u)" = 0 ]; then
  prepare_folders
  exec gosu postgres "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initialise
  # listens on its socket only, so that nobody connects before the scripts have run
  pg_ctl -D "$PGDATA" -w -o "-c listen_addresses='' -c fsync=off" start
  [ "$database" = postgres ] || createdb --username "$user" --no-password --maintenance-db postgres "$database"
  # scripts expect the official names
  export POSTGRES_USER="$user" POSTGRES_DB="$database"
  run_scripts
  pg_ctl -D "$PGDATA" -m fast -w stop
  echo 'PostgreSQL init process complete; ready for start up.'
fi
exec "$@"
