# shellcheck shell=bash disable=SC2034
# Debian's Redis 7.0, a real one.
names=(redis:7 redis:7-alpine redis:7.0 redis:latest redis:alpine)
versions=$(debian_versions redis-server)
fill() {
  begin "$1"
  unpack "$1" redis-server redis-tools gosu
  user "$1" redis 999 /data
  install -d -o 999 -g 999 "$1/data"
  install -m 755 "$folder/docker-entrypoint.sh" "$1/usr/local/bin/"
}
