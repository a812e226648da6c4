#!/usr/bin/env bash
# Exits 0 when the bed is up.
. "$(dirname "$0")/lib.sh"
trap - ERR
is_ours dockerd && is_ours registry
