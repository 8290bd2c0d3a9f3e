# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the scripts about IPv4 share: a host with Plumb, and a cable whose other end is played by
# frames made by hand (wire.py), or by Linux.
#
#	X eth0 (10.0.0.9, by hand) ---- eth0 A 10.0.0.5 Plumb, 10.0.0.1 Linux
#
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

# X has no address of Linux's on the cable, so its kernel says nothing there.
by_hand()
{
	host X A
	veth X A - 10.0.0.1/24
	plumb_addr A 10.0.0.5/24 eth0
	A_MAC=$(mac_of A)
	X_MAC=$(mac_of X)
}

# wire SCENARIO [ARGUMENT...]: of wire.py, from X. wire_to ADDRESS ...: to another of A's; Linux's is 10.0.0.1.
wire() { wire_to 10.0.0.5 "$@"; }
wire_to()
{
	local to=$1
	shift

	on X $PY "$LIB_DIR/wire.py" eth0 "$X_MAC" 10.0.0.9 "$A_MAC" "$to" "$@"
}

# by_both_stacks PROGRAM...: what it says on Linux's stack, and on Plumb's, must be the same. In its words
# HERE is the stack's own address. BOTH: what they said.
by_both_stacks()
{
	local linux plumb

	linux=$(on A "${@/#HERE/10.0.0.1}")
	plumb=$(on_plumb A "${@/#HERE/10.0.0.5}")
	BOTH=${linux//10.0.0.1/HERE}
	echo "$BOTH"
	expect_eq "as on Linux" "$BOTH" "${plumb//10.0.0.5/HERE}"
}

# both_stacks: A has an address of each on a cable to Linux's on B.
both_stacks()
{
	host A B
	veth A B 10.0.0.1/24 10.0.0.2/24
	plumb_addr A 10.0.0.5/24 eth0
}

# plumb_set HOST NAME VALUE: net.plumb.NAME
plumb_set() { on "$1" sysctl -qw "net.plumb.$2=$3"; }
