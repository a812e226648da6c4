#!/usr/bin/env bash
# Ends what up.sh started, and nothing else: services, containers, engine, registry. Images and volumes stay.
#   down.sh [--purge]      --purge deletes everything the bed wrote
. "$(dirname "$0")/lib.sh"
if is_ours dockerd; then
  load_env
  # services first, or the swarm starts their containers again; containers before dockerd, or it waits for each to end
  if services=$(docker service ls -q 2> /dev/null); then xargs -r "$client" -H "$DOCKER_HOST" service rm <<< "$services" > /dev/null; fi
  docker ps -aq | xargs -r "$client" -H "$DOCKER_HOST" rm -f > /dev/null 2>&1 || true # some end by themselves meanwhile
fi
stop dockerd
stop registry
# what dockerd leaves mounted: EXEC/netns/default, at times a container's root
awk -v under="$bed/" 'index($5, under) == 1 { print $5 }' /proc/self/mountinfo | sort -r | xargs -r umount
rm -f "$bed/env"
[ "${1:-}" != --purge ] || rm -rf "$bed"
say "stopped"
