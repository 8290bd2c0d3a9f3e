#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# With a peer played by hand, either side opening: the options of a SYN in the order that Linux,
# FreeBSD, OpenBSD, macOS, Windows and Solaris give them and in some that nobody does; ACKs of every
# segment, of every tenth, late, amid segments, thrice; loss; closed and shrinking windows; ends by
# RST, with text on the FIN, crossing; half-open connections; urgent text.
#
#	X eth0 (10.0.0.9, by hand) ---- eth0 A 10.0.0.5 Plumb
#
# timeout: 180
# shellcheck source=selftests/interop/common.sh
. "${0%/*}/common.sh"

by_hand()
{
	host X A
	veth X A
	plumb_addr A 10.0.0.5/24 eth0
	# A segment a packet.
	on A ethtool -K eth0 tso off gso off
	"$PY" "$LIB_DIR/scripted.py" "$(netns X)" "$(netns A)" "$@"
}

all_of by_hand "$@"
