#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# net.plumb.tcp_*: every name of net.ipv4.tcp_* that means something here, with its default and its
# range; sysctls.py lists those that are left out, each with its reason.
# timeout: 120
# kernel: 6.12
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

test_names_defaults_and_ranges()
{
	host A
	expect_eq "differences" "" "$(on A "$LIB_DIR/sysctls.py")"
}

test_names_of_the_host()
{
	expect_eq "differences" "" "$("$LIB_DIR/sysctls.py" names)"
	expect_match "tcp_mem" '^[1-9][0-9]*	[1-9][0-9]*	[1-9][0-9]*$' "$(</proc/sys/net/plumb/tcp_mem)"
}

run_tests "$@"
