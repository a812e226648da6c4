#!/bin/sh
# As the official image: options or a configuration file alone mean redis-server, which runs as the user redis.
set -e
case ${1:-} in -* | *.conf) set -- redis-server "$@" ;; esac
if [ "${1:-}" = redis-server ] && [ "$(id -u)" = 0 ]; then
  chown redis:redis . 2> /dev/null || true
  # redis-server refuses clients from other machines unless it has a password, a bind address, or this
  exec gosu redis "$@" --protected-mode no
fi
exec "$@"
