# shellcheck shell=bash disable=SC2034
# A shell and its tools. Also under Alpine's name, which has no apk here.
names=(busybox:latest busybox:1.36 busybox:stable alpine:latest alpine:3 alpine:3.19 alpine:3.20 alpine:3.21 alpine:3.22)
inputs=(/bin/busybox)
fill() { begin "$1"; }
