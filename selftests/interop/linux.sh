#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# With Linux's TCP, either one connecting: of timestamps, SACK, window scaling and ECN exactly what
# both sides have is in use, whichever of the 16 sets each has; the streams of both directions are
# whole. Here 4 of the sets on Linux's side for each of Plumb's; linux_all.sh has all of them.
#
#	A eth0 10.0.0.1 Plumb ---- eth0 10.0.0.2 B Linux
#
# timeout: 120
# shellcheck source=selftests/interop/common.sh
. "${0%/*}/common.sh"

combinations()
{
	host A B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
	"$PY" "$LIB_DIR/linux.py" "$(netns A)" "$(netns B)" "$@"
}

all_of combinations few "$@"
