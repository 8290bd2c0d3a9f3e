#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel has no complaint about calls and packets as nobody would make them. A short form; make
# fuzz-kernel is the long one. Seeds are fixed; KFUZZ_SEED, KFUZZ_CALLS and KFUZZ_PACKETS
# say otherwise; KFUZZ_PCAP keeps the capture that the packets begin with.
# timeout: 300
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

CALLS=${KFUZZ_CALLS:-4000}
PACKETS=${KFUZZ_PACKETS:-$((30000 / LIB_PART))}
SEED=${KFUZZ_SEED:-1}

# Programs that talk as programs do, so that the fuzzer has something true to begin with: a
# connection, datagrams in one piece and in several, errors, options.
conversations()
{
	local pcap=$1

	host A B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
	capture B eth0 "$pcap" -c 400
	background_plumb A socat TCP-LISTEN:7000,reuseaddr,fork EXEC:cat
	wait_listen_plumb A 7000
	expect_eq "echo" hello "$(on B socat -t 2 - TCP:10.0.0.1:7000 <<<hello)"
	on B socat -u "SYSTEM:head -c 20000 /dev/zero" TCP:10.0.0.1:7000
	on B ping -q -c 2 -i 0.2 10.0.0.1
	on B ping -q -c 1 -s 4000 -R 10.0.0.1
	on B socat -u - UDP:10.0.0.1:7001 <<<"to nobody"
	on A plumb ping -c 1 10.0.0.2
	on_plumb A socat -u - UDP:10.0.0.2:7 <<<"to nobody"
	on_plumb A socat -u - TCP:10.0.0.2:7 <<<"to nobody" || true
	stop_capture
}

test_packets()
{
	conversations "$LIB_TMP/pcap"
	[ -z "${KFUZZ_PCAP-}" ] || cp "$LIB_TMP/pcap" "$KFUZZ_PCAP"
	kfuzz packets --seed "$SEED" --count "$PACKETS" --pcap "$LIB_TMP/pcap"
}

unused() { [ "$(cat /sys/module/plumb/refcnt)" = 0 ]; }

test_calls__root() { kfuzz calls --seed "$SEED" --count "$CALLS"; }
test_calls__root_of_a_user_namespace() { kfuzz calls --user --seed "$((SEED + 1))" --count "$CALLS"; }

# Its programs have ended: nothing of theirs holds the module, connections that nobody answers
# included.
test_nothing_is_held_afterwards() { wait_until 20 unused; }

modprobe tun 2>/dev/null || true	# (where it is not built in)
load_plumb
run_tests "$@"
