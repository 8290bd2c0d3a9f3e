# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What netem.sh and netem_long.sh share: a cable that loses, reorders, duplicates,
# corrupts and delays in both directions, and a transfer over it.
# shellcheck source=selftests/e2e/common.sh
. "${0%/*}/common.sh"

BAD="delay 10ms loss 2% reorder 10% duplicate 1% corrupt 1%"

# know_each_other: ARP has no checksum, so that either stack would believe an address with a flipped
# bit, and send to nobody until the neighbour is probed, ten seconds and more.
know_each_other()
{
	local mac_a mac_b tool n

	mac_a=$(mac_of A)
	mac_b=$(mac_of B)
	for tool in ip plumb; do
		for n in 2 102; do
			on A $tool neigh replace "10.0.0.$n" lladdr "$mac_b" nud permanent dev eth0
		done
		for n in 1 101; do
			on B $tool neigh replace "10.0.0.$n" lladdr "$mac_a" nud permanent dev eth0
		done
	done
}

# over_bad_cable FROM_STACK TO_STACK SIZE MAX_GAP_MS: 20 ms there and back.
over_bad_cable()
{
	local sent gap
	two_hosts
	know_each_other
	make_file "$LIB_TMP/file" "$3"
	# Each packet of the wire shall have its own fate, not 64 KiB at a time.
	on A ethtool -K eth0 tso off gso off
	on B ethtool -K eth0 tso off gso off
	# shellcheck disable=SC2086  # a list of words
	netem A eth0 limit 5000 $BAD
	# shellcheck disable=SC2086
	netem B eth0 limit 5000 $BAD
	transfer A "$1" B "$2" "$LIB_TMP/file"
	echo "$1 to $2: $TRANSFER"
	expect_match "what arrived" "sha256=$(sha_of "$LIB_TMP/file") " "$TRANSFER"
	gap=${TRANSFER##*gap_ms=}
	expect_le "longest time without data (ms)" "$4" "$gap"
	sent=$(on A tc -s qdisc show dev eth0 | sed -n 's/.*(dropped \([0-9]*\),.*/\1/p')
	expect_ge "packets that the cable lost" 1 "$sent"
}
