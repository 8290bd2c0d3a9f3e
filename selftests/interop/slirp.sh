#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# With the TCP of QEMU's user network (libslirp), either side opening: equal sums, half-close, a slow
# reader, resets. A QEMU without a machine joins it to a TAP device; its far side are Linux's sockets
# of the same host.
#
#	A tap0 10.0.2.15 Plumb ---- 10.0.2.2 slirp ---- A lo 127.0.0.1 Linux
#
# timeout: 180
# shellcheck source=selftests/interop/common.sh
. "${0%/*}/common.sh"

with_slirp()
{
	modprobe tun
	host A
	ip -n "$(netns A)" link set lo up
	"$PY" "$LIB_DIR/slirp.py" "$(netns A)" "$@"
}

all_of with_slirp "$@"
