#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a program may rely on in a TCP socket: every case of tcp_face.c, both ends on Plumb, over its
# loopback; and on Linux's own TCP, which shows that the cases are right.
# timeout: 300
# smp
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

face()
{
	local log=$LIB_TMP/face

	"$@" >"$log" || fail "$(grep -A1 -B8 '^not ok' "$log")"
	expect_match "cases ran" '^1\.\.[1-9]' "$(cat "$log")"
}

test_linux_face()
{
	host A
	face on A tcp_face
}

test_plumb_face()
{
	load_plumb
	host A
	face on_plumb A tcp_face
}

run_tests "$@"
