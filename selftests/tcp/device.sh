#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the device says about segmentation offload is kept to: gso_max_segs and gso_max_size.
#
#	A eth0 10.0.0.1 Plumb ---- eth0 10.0.0.2 B Linux
#
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

BENCH=$LIB_TOP/build/selftests/bench/plumb_bench

# largest: the most octets of text in one packet of a transfer from A.
largest()
{
	capture A eth0 "$LIB_TMP/pcap" src host 10.0.0.1
	on A "$BENCH" bulk-out --family plumb --bytes 4M --addr 10.0.0.2 >/dev/null
	stop_capture
	tcpdump -nr "$LIB_TMP/pcap" 2>/dev/null | sed -n 's/.*, length \([0-9]*\).*/\1/p' | sort -n | tail -n 1
}

test_bounds_of_what_is_sent_at_once()
{
	host A B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
	background B "$BENCH" server --addr 10.0.0.2
	wait_listen B 7700
	expect_ge "without a bound" 20000 "$(largest)"
	ip -n "$(netns A)" link set eth0 gso_max_segs 4
	expect_eq "four segments" $((4 * 1448)) "$(largest)"
	ip -n "$(netns A)" link set eth0 gso_max_segs 65535 gso_max_size 8000
	expect_eq "8000 octets" $((5 * 1448)) "$(largest)"
}

run_tests "$@"
