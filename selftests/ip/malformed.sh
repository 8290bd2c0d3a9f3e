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

test_noise()
{
	by_hand
	wire noise 6000
	wire icmp_echo
}

run_tests "$@"
