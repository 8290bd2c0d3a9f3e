#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Datagrams of every interesting size between Plumb and Linux in both roles, fragments
# included; a closed port is reported to the sender. Hosts: common.sh.
# timeout: 120
# shellcheck source=selftests/e2e/common.sh
. "${0%/*}/common.sh"

# echo_between CLIENT_STACK SERVER_STACK SIZE...: A asks, B answers.
echo_between()
{
	local client=$1 server=$2 addr
	shift 2

	two_hosts
	addr=$(addr_of B "$server")
	run_bg B "$server" "$PY" "$LIB_DIR/datagram.py" serve "$addr" 7
	bound B "$server" 7
	run_on A "$client" "$PY" "$LIB_DIR/datagram.py" ask "$addr" 7 "$@"
}

SMALL="0 1 2 63 64 512 1471 1472"
FRAGMENTED="1473 2000 2960 2961 8000 30000 65507"

# shellcheck disable=SC2086  # lists
test_plumb_to_linux__one_packet() { echo_between plumb linux $SMALL; }
# shellcheck disable=SC2086
test_linux_to_plumb__one_packet() { echo_between linux plumb $SMALL; }
# shellcheck disable=SC2086
test_plumb_to_plumb__one_packet() { echo_between plumb plumb $SMALL; }
# shellcheck disable=SC2086
test_plumb_to_linux__fragments() { echo_between plumb linux $FRAGMENTED; }
# shellcheck disable=SC2086
test_linux_to_plumb__fragments() { echo_between linux plumb $FRAGMENTED; }
# shellcheck disable=SC2086
test_plumb_to_plumb__fragments() { echo_between plumb plumb $FRAGMENTED; }

test_too_long_is_refused()
{
	two_hosts
	expect_eq "errno" EMSGSIZE "$(on_plumb A "$PY" "$LIB_DIR/datagram.py" errno 10.0.0.2 7 65508)"
}

test_closed_port_of_linux_is_reported()
{
	two_hosts
	expect_eq "errno" ECONNREFUSED "$(on_plumb A "$PY" "$LIB_DIR/datagram.py" errno 10.0.0.2 7 10)"
}

test_closed_port_of_plumb_is_reported()
{
	two_hosts
	expect_eq "errno" ECONNREFUSED "$(on A "$PY" "$LIB_DIR/datagram.py" errno 10.0.0.102 7 10)"
	expect_ge "UdpNoPorts" 1 "$(plumb_counter B UdpNoPorts)"
}

# A thousand datagrams in a row: order and content.
test_thousand_in_order()
{
	two_hosts
	run_bg B plumb "$PY" "$LIB_DIR/datagram.py" serve 10.0.0.102 7
	bound B plumb 7
	on_plumb A "$PY" "$LIB_DIR/datagram.py" row 10.0.0.102 7 1000
}

run_tests "$@"
