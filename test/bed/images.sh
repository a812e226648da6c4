#!/usr/bin/env bash
# Makes base images under the names that public Dockerfiles use, from what Debian and npm put on this machine.
#   images.sh                 busybox alpine node postgres redis
#   images.sh --wordpress     those, mysql and wordpress
#   images.sh NAME...         only these
# Each is a folder of images/: a Dockerfile, and root.sh, which fills the root file system. An image is made again only when that changed. All are
# tagged on the engine and pushed to the registry, which dockerd asks in the place of Docker Hub.
. "$(dirname "$0")/lib.sh"
load_env
core=(busybox node postgres redis)
case ${1:-} in
  '') set -- "${core[@]}" ;;
  --wordpress) set -- "${core[@]}" mysql wordpress ;;
esac
work=$(mktemp -d "$bed/image.XXXXXX"); trap 'rm -rf "$work"' EXIT
. "$here/images/roots.sh"

# root.sh sets: names (the tags), inputs (files), versions (text), and fill ROOT
make_image() (
  local folder=$here/images/$1 names=() inputs=() versions='' id
  . "$folder/root.sh"
  id=$( { echo "$versions"; cat "${inputs[@]}" "$folder"/* "$here/images/roots.sh"; } | sha256sum | cut -c1-16)
  if [ "$(docker image inspect -f '{{index .Config.Labels "slipway.bed"}}' "${names[0]}" 2> /dev/null)" != "$id" ]; then
    mkdir -p "$work/$1/root"
    fill "$work/$1/root"
    tar -C "$work/$1/root" --numeric-owner -cf "$work/$1/root.tar" .
    cp "$folder/Dockerfile" "$work/$1/"
    tar -C "$work/$1" -c Dockerfile root.tar | DOCKER_BUILDKIT=1 docker build -q --label "slipway.bed=$id" -t "${names[0]}" - > /dev/null
    rm -rf "${work:?}/$1"
  fi
  publish "$id" "${names[@]}"
)
# publish ID NAME...: tags and pushes; a name that the registry already has of this ID is left alone
publish() {
  local id=$1 first=$2 name; shift
  [ "$(cat "$bed/run/published-${first%%:*}" 2> /dev/null)" = "$id $*" ] && return
  for name; do
    docker tag "$first" "$name"
    docker tag "$first" "$SLIPWAY_BED_REGISTRY/library/$name"
    docker push -q "$SLIPWAY_BED_REGISTRY/library/$name" > /dev/null
  done
  echo "$id $*" > "$bed/run/published-${first%%:*}"
}
for image; do [ -f "$here/images/$image/root.sh" ] || die "there is no image '$image' in $here/images"; done
# side by side: each spends half its time waiting for downloads, the engine or the registry
makers=()
for image; do
  { make_image "$image"; say "$image after $SECONDS s"; } &
  makers+=($!)
done
for maker in "${makers[@]}"; do wait "$maker"; done
# what a new build has replaced
docker image prune -f --filter label=slipway.bed > /dev/null
