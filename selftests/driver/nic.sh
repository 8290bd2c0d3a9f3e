# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the driver's tests share. Their hosts:
#
#	this VM, Linux's IPv4, PLUMB_ADDR ---- tap ---- PLUMB_PEER, Linux, outside
#	      NIC (an e1000, drivers/nic)               PEER_DEV
#
# The adapter stays up from one test of a script to the next; what a test has changed is put right
# after it, and after a failed test everything is. When the script ends, the adapter is taken down.
#
# With NIC_ON=model in the environment the same tests run on the modelled adapter (drivers/lan):
#
#	this VM, Linux's IPv4, PLUMB_ADDR ---- cable ---- PLUMB_PEER, Linux, the host PEER
#	      NIC (lan0, drivers/nic)                     PEER_DEV (drivers/nic too)

FRAME=$LIB_TOP/build/selftests/driver/frame
PEER_DEV=peer0

on_model() { [ "${NIC_ON-}" = model ]; }

if on_model; then
	PLUMB_ADDR=10.88.0.2 PLUMB_PEER=10.88.0.1
	peer() { on PEER "$@"; }
fi

# model_made: the cable is there, the peer's end of it up, until model_gone.
model_made()
{
	local deferred=("${LIB_DEFERRED[@]}")

	[ ! -e "/sys/class/net/lan0" ] || return 0
	[ ! -e "/run/netns/$$-PEER" ] || "$LIB_NS" del "$$-PEER"	# of a module that was unloaded
	host PEER
	LIB_DEFERRED=("${deferred[@]}")
	plumb lan add wire type cable
	plumb lan port add wire ifname lan0
	plumb lan port add wire ifname "$PEER_DEV" netns "$(netns PEER)"
	on PEER ip address add "$PLUMB_PEER/24" dev "$PEER_DEV"
	on PEER ip link set "$PEER_DEV" up
}

model_gone()
{
	[ -e "/run/netns/$$-PEER" ] || return 0
	rm -f "$LIB_TMP/.peer_mac"
	command plumb lan del wire
	"$LIB_NS" del "$$-PEER"
}

# What a test changes of the adapter with these is put right after it, see nic_leave.
NIC_CHANGED=" "
ip() { [[ "$*" != *" set $NIC"* ]] || NIC_CHANGED+="link "; command ip "$@"; }
ethtool() { [[ $1 != -[KGCsAEtpr] ]] || NIC_CHANGED+="$1 "; command ethtool "$@"; }
plumb() { [[ "$*" != "lan set wire "* ]] || NIC_CHANGED+="wire "; command plumb "$@"; }

# nic_device: name of the netdevice the driver has made, if any.
nic_device()
{
	local path

	if on_model; then
		[ -e /sys/class/net/lan0 ] || return 1
		echo lan0
		return
	fi
	for path in /sys/bus/pci/drivers/plumb_nic/*/net/*; do
		[ ! -e "$path" ] || { echo "${path##*/}"; return; }
	done
	return 1
}

# nic_bus: its device on the bus, on PCI an address.
nic_bus() { basename "$(readlink -f "/sys/class/net/$(nic_device)/device")"; }

# nic_interrupts: how many it has raised.
nic_interrupts()
{
	if on_model; then
		plumb -j lan port show wire | json_each interrupts | head -n 1
		return
	fi
	awk -v dev="$NIC" '$NF == dev { for (i = 2; $i ~ /^[0-9]+$/; i++) n += $i } END { print n + 0 }' \
		/proc/interrupts
}

nic_reaches_peer() { ping -c 1 -W 2 "$PLUMB_PEER"; }

# nic_has MTU: it is up with this MTU, and has a carrier.
nic_has()
{
	local mtu carrier

	{
		read -r mtu <"/sys/class/net/$NIC/mtu"
		read -r carrier <"/sys/class/net/$NIC/carrier"
	} 2>/dev/null
	[ "$mtu $carrier" = "$1 1" ]
}

# nic_loaded: NIC and NIC_MAC are set, the adapter is there.
nic_loaded()
{
	[ -n "${PLUMB_PEER-}" ] || skip "this VM has no tap"
	load_plumb
	! on_model || model_made
	NIC=$(nic_device) || fail "the driver has made no netdevice"
	# shellcheck disable=SC2034 # the tests use it
	read -r NIC_MAC <"/sys/class/net/$NIC/address"
	[ -n "${NIC_LEAVES-}" ] || defer nic_leave
	NIC_LEAVES=1
}

# nic_up: the adapter carries IPv4 to the peer.
nic_up() { nic_up_mtu 1500; }

# A file without a point in front would not outlast the test.
NIC_READY=$LIB_TMP/.nic_ready

nic_up_mtu()
{
	nic_loaded
	if [ -e "$NIC_READY" ] && nic_has "$1"; then
		return
	fi
	command ip address replace "$PLUMB_ADDR/24" dev "$NIC"
	command ip link set "$NIC" mtu "$1" up
	wait_until 15 nic_has "$1"
	wait_until 15 nic_reaches_peer
	: >"$NIC_READY"
}

# nic_leave: after a test. One that failed or was left out leaves nothing behind.
nic_leave()
{
	[ "$LIB_STATUS" = 0 ] || NIC_CHANGED=" all "
	case $NIC_CHANGED in
	" ") ;;
	*" all "* | *" wire "*) nic_away ;;
	*) rm -f "$NIC_READY"; nic_settings ;;
	esac
}

# nic_changed WORD: has this been changed, or may anything have been?
nic_changed() { [[ $NIC_CHANGED == *" $1 "* || $NIC_CHANGED == " all " ]]; }

# nic_settings: what has been changed becomes as it is after loading.
nic_settings()
{
	! nic_changed link || command ip link set "$NIC" promisc off allmulticast off mtu 1500
	! nic_changed -K || command ethtool -K "$NIC" tx on sg on tso on gso on gro on rx on \
		rxvlan on txvlan on rx-fcs off rx-all off
	! nic_changed -G || command ethtool -G "$NIC" rx 512 tx 512
	! nic_changed -C || command ethtool -C "$NIC" adaptive-rx on rx-usecs 0 tx-usecs 0
} >/dev/null 2>&1

# nic_away: the adapter as it is after loading, and down.
nic_away()
{
	local NIC_CHANGED=" all "

	rm -f "$NIC_READY"
	if on_model; then
		model_gone
		return
	fi
	NIC=$(nic_device) || return 0
	command ip link set "$NIC" down
	command ip address flush dev "$NIC"
	nic_settings
} >/dev/null 2>&1
trap 'nic_away; rm -rf "$LIB_TMP"' EXIT

# nic_stat NAME: a counter of ethtool -S.
nic_stat()
{
	local name value

	while read -r name value; do
		[ "$name" != "$1:" ] || echo "$value"
	done < <(command ethtool -S "$NIC")
}

# peer_mtu MTU: its device has this MTU until the test ends.
peer_mtu()
{
	nic_loaded
	peer ip link set "$PEER_DEV" mtu "$1"
	defer peer ip link set "$PEER_DEV" mtu 1500
}

peer_mac()
{
	[ -e "$LIB_TMP/.peer_mac" ] || peer cat "/sys/class/net/$PEER_DEV/address" >"$LIB_TMP/.peer_mac"
	echo "$(<"$LIB_TMP/.peer_mac")"
}

peer_listens() { peer ss -Htln "sport = :$1" | grep -q LISTEN; }

# send_stream LINES [PORT]: that many numbers to the peer; fails unless all arrive as sent.
send_stream()
{
	local lines=$1 port=${2:-7001} sums

	peer timeout 100 sh -c "socat -u TCP-LISTEN:$port,reuseaddr STDOUT | sha256sum; seq $lines | sha256sum" \
		>"$LIB_TMP/stream.$port" &
	seq "$lines" | socat -u - "TCP:$PLUMB_PEER:$port,$STREAM_RETRY"
	wait $!
	mapfile -t sums <"$LIB_TMP/stream.$port"
	expect_eq "sums" 2 ${#sums[@]}
	expect_eq "sum of what the peer received" "${sums[1]}" "${sums[0]}"
}

# receive_stream LINES [PORT]: the same from the peer.
receive_stream()
{
	local lines=$1 port=${2:-7002} want got

	peer timeout 100 sh -c "seq $lines | socat -u - TCP-LISTEN:$port,reuseaddr; seq $lines | sha256sum" \
		>"$LIB_TMP/stream.$port" &
	got=$(socat -u "TCP:$PLUMB_PEER:$port,$STREAM_RETRY" STDOUT | sha256sum)
	wait $!
	want=$(<"$LIB_TMP/stream.$port")
	expect_eq "sum of what was received" "$want" "$got"
}

# until the peer listens
STREAM_RETRY=retry=600,interval=0.05

# listen_here SECONDS COUNT ARGUMENT...: test frames are counted from now on; the
# tally comes from heard.
listen_here()
{
	"$FRAME" listen "$NIC" "$@" >"$LIB_TMP/heard" 2>&1 &
	LISTEN_PID=$!
	defer lib_background_gone "$LISTEN_PID"
	wait_until 10 grep -q listening "$LIB_TMP/heard"
}

# heard: "received N damaged N ...", when listen_here has ended. (A substitution cannot wait for it.)
heard()
{
	wait_until 40 heard_ended
	tail -n 1 "$LIB_TMP/heard"
}

heard_ended() { [[ $(<"$LIB_TMP/heard") == *received* ]]; }

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
