# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the scripts of two hosts share:
#
#	A eth0 10.0.0.1 Plumb ---- eth0 10.0.0.2 B Linux
#
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

# pair: both, and mac_a, mac_b.
pair()
{
	host A B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
	# shellcheck disable=SC2034 # for the caller
	mac_a=$(mac_of A) mac_b=$(mac_of B)
}
