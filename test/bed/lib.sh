# shellcheck shell=bash
# Sourced by every script of the bed: where things are, how programs are started, waited for and ended.
#   SLIPWAY_BED=DIR              everything the bed writes (default ${TMPDIR:-/tmp}/slipway-bed)
#   SLIPWAY_BED_SOCKET=PATH      where dockerd listens (default /var/run/docker.sock)
#   SLIPWAY_BED_DOCKER=PATH      the docker client (default /usr/bin/docker: Debian's, of the same version as its dockerd)
set -Eeuo pipefail
trap 'echo "${0##*/}: line $LINENO failed: $BASH_COMMAND" >&2' ERR

bed=${SLIPWAY_BED:-${TMPDIR:-/tmp}/slipway-bed}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
client=${SLIPWAY_BED_DOCKER:-/usr/bin/docker}
default_socket=/var/run/docker.sock

say() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2; }
die() { say "$*"; exit 1; }

# wait_for SECONDS WHAT COMMAND...
wait_for() {
  local tries=$(($1 * 10)) what=$2; shift 2
  until "$@" > /dev/null 2>&1; do
    [ $((tries -= 1)) -gt 0 ] || die "no $what; see $bed/log"
    sleep 0.1
  done
}

# --- programs: recorded with their start time, so that a reused process id is never ended -----------------
started_at() { [ -r "/proc/$1/stat" ] && sed 's/^.*) //' "/proc/$1/stat" | cut -d' ' -f20; }
is_ours() {
  local pid at
  [ -r "$bed/run/$1" ] && read -r pid at < "$bed/run/$1" && [ "$(started_at "$pid")" = "$at" ]
}
# start NAME COMMAND...: detached, output to log/NAME.log; without file 9, which is the lock of up.sh
start() {
  local name=$1 pid; shift
  setsid "$@" >> "$bed/log/$name.log" 2>&1 < /dev/null 9>&- &
  pid=$!
  echo "$pid $(started_at "$pid")" > "$bed/run/$name"
}
gone() { ! is_ours "$1"; }
# stop NAME: TERM, 20 s, KILL
stop() {
  local pid _
  is_ours "$1" || { rm -f "$bed/run/$1"; return 0; }
  read -r pid _ < "$bed/run/$1"
  kill "$pid"
  ( wait_for 20 "end of $1" gone "$1" ) || kill -9 "$pid"
  rm -f "$bed/run/$1"
}

# --- the engine and the registry: up.sh records where they are in $bed/env ---------------------------------
load_env() { [ -r "$bed/env" ] || die 'the bed is not up: run up.sh'; . "$bed/env"; }
docker() { "$client" -H "$DOCKER_HOST" "$@"; }
engine_answers() { curl -fsS -m 5 --unix-socket "$1" http://docker/_ping; }
registry_answers() { curl -fsS -m 2 "http://$1/v2/"; }
