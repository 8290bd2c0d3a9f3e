#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# MSG_ZEROCOPY's notices and SO_TIMESTAMPING: notice.py says the same on both stacks. Linux 6.1's
# core handles both options itself and refuses the first to other families: docs/man/plumb.7.
# kernel: 6.12
# timeout: 90
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

alike()
{
	host A
	on A "$LIB_DIR/notice.py" "$1" >"$LIB_TMP/linux"
	on_plumb A "$LIB_DIR/notice.py" "$1" >"$LIB_TMP/plumb"
	expect_eq "$1" "$(cat "$LIB_TMP/linux")" "$(cat "$LIB_TMP/plumb")"
	cat "$LIB_TMP/plumb"
}

test_zerocopy_notices()
{
	alike zerocopy
	expect_match "all three" 'calls told of: \[0, 1, 2\]' "$(cat "$LIB_TMP/plumb")"
}

# A SYN's text is copied, and told of as such.
test_zerocopy_notice_of_a_syn()
{
	host A
	on A sysctl -qw net.ipv4.tcp_fastopen=$((0x607)) net.plumb.tcp_fastopen=$((0x607))
	on A "$LIB_DIR/notice.py" fastopen >"$LIB_TMP/linux"
	on_plumb A "$LIB_DIR/notice.py" fastopen >"$LIB_TMP/plumb"
	expect_eq "both" "$(cat "$LIB_TMP/linux")" "$(cat "$LIB_TMP/plumb")"
	expect_match "in the SYN" 'in the SYN: 500 True' "$(cat "$LIB_TMP/plumb")"
	expect_match "told" 'told: \[\(5, 0, 0, 1, False\)\]' "$(cat "$LIB_TMP/plumb")"
}

test_stamps_of_what_is_sent()
{
	alike stamps
	expect_match "the first" '^1000 \[\(True, 0, 999, True\)' "$(cat "$LIB_TMP/plumb")"
}

test_stamps_of_what_is_received() { alike received; }

run_tests "$@"
