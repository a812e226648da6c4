#!/usr/bin/env bash
# Installs the Debian packages that the bed needs. Does nothing, in a tenth of a second, when all are there.
#   install.sh [PACKAGE...]      further packages besides the bed's own
# No service is started: the bed starts each program itself.
. "$(dirname "$0")/lib.sh"

want=(docker.io docker-registry iproute2 iptables busybox-static ca-certificates curl git jq openssl socat tmux xz-utils "$@")
mapfile -t have < <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${want[@]}" 2> /dev/null | sed -n 's/ installed$//p')
mapfile -t missing < <(printf '%s\n' "${want[@]}" "${have[@]}" "${have[@]}" | sort | uniq -u)
[ ${#missing[@]} -gt 0 ] || exit 0
[ "$(id -u)" = 0 ] || die "not root, and these packages are missing: ${missing[*]}"

policy=/usr/sbin/policy-rc.d # tells Debian's install scripts to start nothing
if [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  printf '#!/bin/sh\nexit 101\n' > $policy
  chmod +x $policy
fi
mkdir -p "$bed/log"
get() { DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >> "$bed/log/apt.log" 2>&1; }
# the lists are fetched only where those at hand do not do: it takes longer than the packages
get || { apt-get update -qq >> "$bed/log/apt.log" 2>&1 && get; } || die "apt-get failed, see $bed/log/apt.log"
say "installed ${missing[*]}"
