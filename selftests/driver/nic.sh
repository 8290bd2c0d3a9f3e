# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the driver's tests share. Their hosts:
#
#	this VM, Linux's IPv4, PLUMB_ADDR ---- tap ---- PLUMB_PEER, Linux, outside
#	      NIC (an e1000, drivers/nic)               PEER_DEV
#
# The adapter is brought up anew for each test and taken down after it.

FRAME=$LIB_TOP/build/selftests/driver/frame
PEER_DEV=peer0

# nic_device: name of the netdevice the driver has made, if any.
nic_device()
{
	local path

	for path in /sys/bus/pci/drivers/plumb_nic/*/net/*; do
		[ ! -e "$path" ] || { basename "$path"; return; }
	done
	return 1
}

# nic_pci: address of its PCI device.
nic_pci()
{
	local path

	for path in /sys/bus/pci/drivers/plumb_nic/0*; do
		[ ! -e "$path" ] || { basename "$path"; return; }
	done
	return 1
}

nic_reaches_peer() { ping -c 1 -W 1 "$PLUMB_PEER"; }

# nic_loaded: NIC and NIC_MAC are set, the adapter is down.
nic_loaded()
{
	[ -n "${PLUMB_PEER-}" ] || skip "this VM has no tap"
	load_plumb
	NIC=$(nic_device) || fail "the driver has made no netdevice"
	# shellcheck disable=SC2034 # the tests use it
	NIC_MAC=$(cat "/sys/class/net/$NIC/address")
}

# nic_up: the adapter carries IPv4 to the peer.
nic_up() { nic_up_mtu 1500; }

nic_up_mtu()
{
	nic_loaded
	defer nic_away
	ip link set "$NIC" mtu "$1"
	ip address replace "$PLUMB_ADDR/24" dev "$NIC"
	ip link set "$NIC" up
	wait_until 15 nic_reaches_peer
}

nic_away()
{
	ip link set "$NIC" down
	ip link set "$NIC" promisc off allmulticast off mtu 1500
	ip address flush dev "$NIC"
	ethtool -K "$NIC" tx on sg on tso on gso on gro on rx on rxvlan on txvlan on \
		rx-fcs off rx-all off
	ethtool -G "$NIC" rx 512 tx 512
	ethtool -C "$NIC" adaptive-rx on rx-usecs 0 tx-usecs 0
} 2>/dev/null

# nic_stat NAME: a counter of ethtool -S.
nic_stat() { ethtool -S "$NIC" | awk -v n="$1:" '$1 == n { print $2 }'; }

# peer_mtu MTU: its device has this MTU until the test ends.
peer_mtu()
{
	peer ip link set "$PEER_DEV" mtu "$1"
	defer peer ip link set "$PEER_DEV" mtu 1500
}

peer_mac() { peer cat "/sys/class/net/$PEER_DEV/address"; }

peer_listens() { peer ss -Htln "sport = :$1" | grep -q LISTEN; }

# send_stream LINES [PORT]: that many numbers to the peer; fails unless all arrive as sent.
send_stream()
{
	local lines=$1 port=${2:-7001} want

	want=$(seq "$lines" | sha256sum)
	peer timeout 100 sh -c "socat -u TCP-LISTEN:$port,reuseaddr STDOUT | sha256sum" \
		>"$LIB_TMP/stream.$port" &
	wait_until 10 peer_listens "$port"
	seq "$lines" | socat -u - "TCP:$PLUMB_PEER:$port"
	wait $!
	expect_eq "sum of what the peer received" "$want" "$(cat "$LIB_TMP/stream.$port")"
}

# receive_stream LINES [PORT]: the same from the peer.
receive_stream()
{
	local lines=$1 port=${2:-7002} want got

	want=$(seq "$lines" | sha256sum)
	peer timeout 100 sh -c "seq $lines | socat -u - TCP-LISTEN:$port,reuseaddr" &
	wait_until 10 peer_listens "$port"
	got=$(socat -u "TCP:$PLUMB_PEER:$port" STDOUT | sha256sum)
	wait $!
	expect_eq "sum of what was received" "$want" "$got"
}

# listen_here SECONDS COUNT ARGUMENT...: test frames are counted from now on; the
# tally comes from heard.
listen_here()
{
	"$FRAME" listen "$NIC" "$@" >"$LIB_TMP/heard" 2>&1 &
	LISTEN_PID=$!
	defer lib_background_gone "$LISTEN_PID"
	wait_until 10 grep -q listening "$LIB_TMP/heard"
}

# heard: "received N damaged N ...", when listen_here has ended.
heard()
{
	wait "$LISTEN_PID"
	tail -n 1 "$LIB_TMP/heard"
}

# listen_peer SECONDS COUNT: the same at the peer.
listen_peer()
{
	peer "$FRAME" listen "$PEER_DEV" "$@" >"$LIB_TMP/heard" 2>&1 &
	LISTEN_PID=$!
	wait_until 10 peer_listens_raw
}

peer_listens_raw() { grep -q listening "$LIB_TMP/heard" || peer grep -qi 88b5 /proc/net/packet; }

# from_peer DESTINATION LENGTH [COUNT]: the peer sends test frames.
from_peer() { peer "$FRAME" send "$PEER_DEV" "$1" "$2" "${3:-1}"; }
