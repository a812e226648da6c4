# shellcheck shell=bash disable=SC2034
# This machine's Node.js and npm over busybox; the user `node` as in the official image.
node=$(node -p process.execPath)
major=$(node -p 'process.versions.node.split(".")[0]')
npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
names=("node:$major-slim" "node:$major" "node:$major-alpine" "node:$major-bookworm" "node:$major-bookworm-slim" node:lts node:lts-slim
  node:lts-alpine node:latest node:slim node:alpine)
versions=$(node --version; npm --version)
fill() {
  begin "$1"
  user "$1" node 1000 /home/node
  install -d -o 1000 -g 1000 "$1/home/node"
  copy_program "$1" "$node" /usr/local/bin/node
  mkdir -p "$1/usr/local/lib/node_modules"
  cp -r "$npm" "$1/usr/local/lib/node_modules/npm"
  rm -rf "$1/usr/local/lib/node_modules/npm/"{docs,man}
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$1/usr/local/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$1/usr/local/bin/npx"
}
