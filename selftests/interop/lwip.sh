#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# With lwIP (Debian's liblwip), either side opening: equal sums, half-close, small segments, closed
# windows, resets. lwIP is the other end of a TAP device (lwip_peer).
#
#	A tap0 10.0.0.1 Plumb ---- lwip_peer 10.0.0.9
#
# timeout: 120
# shellcheck source=selftests/interop/common.sh
. "${0%/*}/common.sh"

with_lwip()
{
	modprobe tun
	host A
	"$PY" "$LIB_DIR/lwip.py" "$(netns A)" "$@"
}

all_of with_lwip "$@"
