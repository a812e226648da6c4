#!/usr/bin/env bash
# Starts a Docker engine that is a swarm of one node, and a registry that also stands in for Docker Hub.
#   up.sh            what is up already stays as it is
#   up.sh --env      prints the bed's variables as well:  export $(test/bed/up.sh --env)
# The engine listens where users' tools look, /var/run/docker.sock. Where another one answers there, tests use that as it
# is and none is started: two on one machine share bridges, iptables rules and the swarm's ports. (A second bed needs a
# network of its own, `unshare --net --mount`, and SLIPWAY_BED and SLIPWAY_BED_SOCKET.)
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || die 'must be root: dockerd needs it'
mkdir -p "$bed"/{run,log}
# one `up` at a time: two at once would start two engines on one data root
exec 9> "$bed/run/lock"; flock 9
socket=${SLIPWAY_BED_SOCKET:-$default_socket}
if ! is_ours dockerd && engine_answers "$socket" > /dev/null 2>&1; then
  say "another Docker engine answers at $socket: tests use it as it is"
  [ "${1:-}" != --env ] || echo "DOCKER_HOST=unix://$socket"
  exit 0
fi
"$here/install.sh"

choose_registry() {
  local port
  for port in "${SLIPWAY_BED_REGISTRY_PORT:-5000}" {5001..5020}; do
    [ -n "$(ss -Hltn "sport = :$port")" ] || { echo "127.0.0.1:$port"; return; }
  done
  die 'no free port for the registry between 5000 and 5020'
}
start_registry() {
  # `delete` so that retention can be tested
  cat > "$bed/registry.yml" <<- YAML
	version: 0.1
	log: { level: warn }
	storage: { filesystem: { rootdirectory: $bed/registry }, delete: { enabled: true } }
	http: { addr: "$SLIPWAY_BED_REGISTRY" }
	YAML
  start registry docker-registry serve "$bed/registry.yml"
  wait_for 10 'answer from the registry' registry_answers "$SLIPWAY_BED_REGISTRY"
}
start_engine() {
  # without an init system nobody may have mounted the control groups
  mountpoint -q /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup
  # The registry is a mirror of Docker Hub, so `docker pull postgres:16` and digests work as they do for users;
  # every registry on 127.0.0.0/8 may be plain HTTP.
  start dockerd dockerd --host "$DOCKER_HOST" --data-root "$bed/docker" --exec-root "$bed/exec" \
    --pidfile "$bed/run/dockerd.pid" --registry-mirror "http://$SLIPWAY_BED_REGISTRY"
  wait_for 30 'answer from dockerd' engine_answers "${DOCKER_HOST#unix://}"
}

if is_ours dockerd && is_ours registry && [ -r "$bed/env" ]; then
  load_env
else
  stop registry; stop dockerd # one without the other: the ports must agree
  DOCKER_HOST=unix://$socket SLIPWAY_BED_REGISTRY=$(choose_registry)
  printf 'DOCKER_HOST=%s\nSLIPWAY_BED_REGISTRY=%s\n' "$DOCKER_HOST" "$SLIPWAY_BED_REGISTRY" > "$bed/env"
  start_registry
  start_engine
fi
if [ "$(docker info -f '{{.Swarm.LocalNodeState}}')" = inactive ]; then
  # loopback, so that the swarm's ports are this machine's alone
  docker swarm init --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1:2377 > /dev/null
fi
say "engine $(docker version -f '{{.Server.Version}}') at $DOCKER_HOST, a swarm; registry at $SLIPWAY_BED_REGISTRY"
[ "${1:-}" != --env ] || cat "$bed/env"
