#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Headers that are wrong (RFC 1122 3.2.1): not answered, counted, and the host lives on.
# timeout: 180
# shellcheck source=selftests/ip/common.sh
. "${0%/*}/common.sh"

test_wrong_headers_are_dropped()
{
	local kind

	by_hand
	for kind in version ihl total checksum short; do
		wire malformed "$kind"
	done
	expect_ge "header errors" 10 "$(plumb_counter A IpInHdrErrors)"
	expect_ge "checksum errors" 1 "$(drops A IP_CHECKSUM)"
	expect_ge "bad headers" 3 "$(drops A IP_HEADER)"
}

test_padding_is_cut_off() { by_hand; wire padded; }

# A long datagram is summed when it is read: whoever peeks, polls or asks for its length must not meet one whose
# checksum is wrong, and it is counted once.
test_wrong_udp_checksums_as_by_linux()
{
	local address run said=() errors

	by_hand
	for address in 10.0.0.1 10.0.0.5; do
		run=background
		[ "$address" = 10.0.0.1 ] || run=background_plumb
		"$run" A "$PY" "$LIB_DIR/sockets.py" sums "$address" 7000
		wait_until 20 grep -q ready "$BG_LOG"
		wire_to "$address" udp_sums 7000
		wait_exit 20 "$BG_PID"
		said+=("$(cat "$BG_LOG")")
	done
	echo "${said[0]}"
	expect_eq "as Linux" "${said[0]}" "${said[1]}"
	expect_match "nothing to read" '^poll False 0' "${said[1]}"
	expect_match "nothing to peek at" '^peek EAGAIN EAGAIN' "${said[1]}"
	for errors in UdpInErrors UdpInCsumErrors; do
		expect_eq "$errors of Linux" 10 "$(linux_counter A "$errors")"
		expect_eq "$errors" 10 "$(plumb_counter A "$errors")"
	done
	expect_eq "datagrams" "$(linux_counter A UdpInDatagrams)" "$(plumb_counter A UdpInDatagrams)"
	expect_eq "drops" 10 "$(drops A UDP_CHECKSUM)"
}

test_noise()
{
	by_hand
	wire noise 6000
	wire icmp_echo
}

run_tests "$@"
