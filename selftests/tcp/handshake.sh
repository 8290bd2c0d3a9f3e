#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The handshake's and the end's less common sides: each scene of handshake.py on Linux's stack and on
# Plumb's must tell the same story.
#
#	A (both stacks, over its loopback; deaf: 10.0.0.0/24 on a cable whose other end is deaf)
#
# timeout: 200
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

scene()
{
	local wanted seen

	load_plumb
	[ -e "/run/netns/$$-A" ] || host A
	# At once: they do not see each other.
	background A python3 "$LIB_DIR/handshake.py" ipv4 "$1" "${2-}"
	seen=$(on_plumb A python3 "$LIB_DIR/handshake.py" plumb "$1" "${3-}" 2>&1) || true
	wait_exit 60 "$BG_PID" || fail "$1 on Linux: $(cat "$BG_LOG")"
	wanted=$(cat "$BG_LOG")
	[ "$wanted" = "$seen" ] || fail "$1: Linux's story and Plumb's:
$(diff <(echo "$wanted") <(echo "$seen"))"
	expect_ne "a story" "" "$wanted"
}

test_saved_syn() { scene saved_syn; }
test_defer_accept() { scene defer_accept; }
test_abort_on_overflow() { scene abort_on_overflow; }
test_reset_in_the_queue() { scene reset_in_the_queue; }
test_linger2() { scene linger2; }
test_linger2_above_a_minute() { scene linger2_above_a_minute; }
test_reuse_pair() { scene reuse_pair; }
test_reopen() { scene reopen; }
test_fastopen_options() { scene fastopen_options; }
test_fastopen_address() { scene fastopen_address; }

deaf()
{
	load_plumb
	host A B
	veth A B 10.0.0.1/24 -
	plumb_addr A 10.0.0.2/24 eth0
	# Neighbours that are known, but do not listen.
	on A ip neigh add 10.0.0.8 lladdr 02:00:00:00:00:08 dev eth0
	on A plumb neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0
}

test_syn_count() { deaf; scene syn_count 10.0.0.8 10.0.0.9; }
test_signal_in_connect() { deaf; scene signal_in_connect 10.0.0.8 10.0.0.9; }
test_reuse_chosen() { deaf; scene reuse_chosen 10.0.0.1 10.0.0.2; }

run_tests "$@"
