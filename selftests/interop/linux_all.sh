#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# As linux.sh, with all 16 sets of options on both sides: 512 connections.
# timeout: 300
# slow
# shellcheck source=selftests/interop/common.sh
. "${0%/*}/common.sh"

combinations()
{
	host A B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
	"$PY" "$LIB_DIR/linux.py" "$(netns A)" "$(netns B)" all "$@"
}

all_of combinations "$@"
