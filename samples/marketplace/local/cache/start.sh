#!/bin/sh
# A real Redis-compatible server as a plain process, where there are no containers. This script becomes the server, so
# that whoever supervises it supervises the server itself. Listens on 127.0.0.1:$PORT and keeps nothing on disk.
here=$(cd "${0%/*}" 2>/dev/null; pwd)
server=$(PATH="$PATH:/usr/local/bin:/usr/bin:/usr/sbin" command -v redis-server || command -v valkey-server || command -v keydb-server)
if [ -z "$server" ] && [ -x "$here/server/redis-server" ]; then
  server="$here/server/redis-server"
  LD_LIBRARY_PATH="$here/server/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
  export LD_LIBRARY_PATH
fi
if [ -z "$server" ]; then
  echo "no redis-server or valkey-server here: run 'node install.js', or install one (apt-get install redis-server, brew install redis)" >&2
  exit 69
fi
exec "$server" --bind 127.0.0.1 --port "${PORT:-6379}" --save "" --appendonly no
