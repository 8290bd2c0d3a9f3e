#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Devices that Plumb adopts: which it can, what it leaves to Linux, and what goes with them.
# timeout: 180
# smp
# shellcheck source=selftests/ip/common.sh
. "${0%/*}/common.sh"

pair()
{
	host A B
	veth A B 10.0.0.1/24 10.0.0.2/24
	plumb_addr A 10.0.0.5/24 eth0
}

reachable() { on B ping -q -c 1 -W 5 "$1"; }
gone() { ! on A plumb link | grep -q "$1"; }

test_linux_is_undisturbed()
{
	local size

	pair
	for size in 56 20000; do
		on B ping -q -c 2 -i 0.01 -W 5 -s "$size" 10.0.0.1
		on A ping -q -c 2 -i 0.01 -W 5 -s "$size" 10.0.0.2
		on B ping -q -c 2 -i 0.01 -W 5 -s "$size" 10.0.0.5
	done
	expect_eq "Linux" 0 "$(linux_counter A IpInAddrErrors)"
	on A plumb addr del 10.0.0.5/24 dev eth0
	expect_fail on B ping -q -c 1 -W 1 10.0.0.5
	on B ping -q -c 1 -W 5 10.0.0.1
	expect_eq "links" "" "$(on A plumb link | grep eth0 || true)"
}

test_several_addresses()
{
	pair
	on A plumb addr add 10.0.0.6/24 dev eth0
	on A plumb addr add 172.16.0.1/32 dev eth0
	on B ip route add 172.16.0.1 dev eth0
	reachable 10.0.0.6
	reachable 172.16.0.1
	on A plumb addr del 10.0.0.5/24 dev eth0
	reachable 10.0.0.6
}

test_what_can_not_be_adopted()
{
	pair
	expect_match "Linux's loopback" 'not supported' \
		"$(on A plumb addr add 10.9.0.1/24 dev lo 2>&1 || true)"
	expect_match "Linux's address" 'already in use' \
		"$(on A plumb addr add 10.0.0.1/24 dev eth0 2>&1 || true)"
	on A ip link add br0 type bridge
	on A ip link add d0 type dummy
	on A ip link set d0 master br0
	expect_match "a bridge's port" 'busy' "$(on A plumb addr add 10.9.0.1/24 dev d0 2>&1 || true)"
	expect_match "without an address" 'busy' "$(on A plumb link set d0 adopt 2>&1 || true)"
	expect_no_match "nothing is left of it" 'd0' "$(on A plumb link)"
	expect_match "nothing" 'Cannot find|No such device' "$(on A plumb addr add 10.9.0.1/24 dev eth9 2>&1 || true)"
	on A plumb addr add 10.9.0.1/24 dev br0
	expect_match "and it holds it" 'busy' "$(on A ip link set eth0 master br0 2>&1 || true)"
}

test_device_that_goes_takes_all_along()
{
	pair
	reachable 10.0.0.5
	on A plumb route add default via 10.0.0.2
	on A ip link del eth0
	expect_eq "links" "" "$(on A plumb link | grep -v plumb0 || true)"
	expect_eq "routes" "" "$(on A plumb route)"
	expect_eq "neighbours" "" "$(on A plumb neigh)"
	expect_no_match "addresses" '10\.0\.0\.5' "$(on A plumb addr)"
}

test_device_that_moves_to_another_namespace()
{
	pair
	host C
	reachable 10.0.0.5
	on A ip link set eth0 netns "$(netns C)"
	expect_no_match "addresses" '10\.0\.0\.5' "$(on A plumb addr)"
	on C ip link set eth0 up
	expect_fail on B ping -q -c 1 -W 1 10.0.0.5
	on C plumb addr add 10.0.0.5/24 dev eth0
	on B ip neigh flush all
	reachable 10.0.0.5
}

test_namespace_that_goes_takes_all_along()
{
	local i

	for i in 1 2 3; do
		pair
		reachable 10.0.0.5
		background B ping -f -s 3000 10.0.0.5
		"$LIB_NS" del "$(netns A)"
		wait_until 20 on B sh -c '! ip link show eth0'
		LIB_DEFERRED=()
		lib_background_gone "$BG_PID"
		"$LIB_NS" del "$(netns B)"
	done
}

test_changes_under_traffic()
{
	local i

	pair
	background B ping -f -s 4000 10.0.0.5
	for ((i = 1; i <= 15 / LIB_PART; i++)); do
		on A plumb addr del 10.0.0.5/24 dev eth0
		on A plumb addr add 10.0.0.5/24 dev eth0
		on A ip link set eth0 mtu $((1000 + i * 30))
		on A ip link set eth0 down
		on A ip link set eth0 up
		on A ip link set eth0 address "02:00:00:00:01:$(printf %02x "$i")"
	done
	on B ip neigh flush all
	reachable 10.0.0.5
}

test_changed_address_is_announced()
{
	pair
	reachable 10.0.0.5
	on A ip link set eth0 address 02:00:00:00:00:aa
	wait_until 10 on B sh -c 'ip neigh show 10.0.0.5 | grep -q 02:00:00:00:00:aa'
}

# group.py ADDRESS: what the sender hears of what it sends to a group; group.py listen: another host.
test_what_leaves_a_device_as_on_linux()
{
	local GROUP=$LIB_DIR/group.py linux

	pair
	background B python3 "$GROUP" listen 10.0.0.2
	wait_bound B 4000
	linux=$(on A python3 "$GROUP" 10.0.0.1 10.0.0.2)
	expect_match "Linux" '^EMSGSIZE 0 1 -$' "$linux"
	expect_eq "Plumb" "$linux" "$(on_plumb A python3 "$GROUP" 10.0.0.5 10.0.0.2)"
	wait_exit 20 "$BG_PID"
	expect_eq "the other host" "1 2 1 2" "$(cat "$BG_LOG")"
}

test_vlan_device()
{
	pair
	on A ip link add link eth0 name v7 type vlan id 7
	on B ip link add link eth0 name v7 type vlan id 7
	on B ip addr add 10.7.0.2/24 dev v7
	on B ip link set v7 up
	plumb_addr A 10.7.0.5/24 v7
	on B ping -q -c 2 -i 0.01 -W 5 10.7.0.5
	on B ping -q -c 1 -W 5 -s 10000 10.7.0.5
	on A plumb run ping -q -c 1 -W 5 10.7.0.2
	# A tagged frame of a VLAN that has no device is not taken for an untagged one.
	on A ip link del v7
	on B ip addr add 10.0.0.22/32 dev v7
	on B ip route add 10.0.0.5 dev v7
	expect_fail on B ping -q -c 1 -W 1 10.0.0.5
}

test_device_without_link_header()
{
	modprobe tun || true
	[ -c /dev/net/tun ] || skip "no /dev/net/tun in this kernel"
	pair
	on A ip tuntap add dev t0 mode tun
	plumb_addr A 10.8.0.1/24 t0
	on A "$PY" - <<-'PY'
		import fcntl, os, select, socket, struct
		tun = os.open("/dev/net/tun", os.O_RDWR)
		fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH22x", b"t0", 0x1001))
		def csum(d):
		    d += b"\0" * (len(d) % 2)
		    t = sum(struct.unpack(f"!{len(d) // 2}H", d))
		    while t >> 16:
		        t = (t & 0xFFFF) + (t >> 16)
		    return ~t & 0xFFFF
		e = struct.pack("!BBHHH", 8, 0, 0, 1, 2) + b"hello"
		e = e[:2] + struct.pack("!H", csum(e)) + e[4:]
		h = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(e), 1, 0, 64, 1, 0,
		                socket.inet_aton("10.8.0.9"), socket.inet_aton("10.8.0.1"))
		h = h[:10] + struct.pack("!H", csum(h)) + h[12:]
		for _ in range(100):
		    os.write(tun, h + e)
		    if not select.select([tun], [], [], 0.2)[0]:
		        continue
		    p = os.read(tun, 2000)
		    if p[0] >> 4 == 4 and p[9] == 1 and p[20] == 0:
		        assert p[12:20] == socket.inet_aton("10.8.0.1") + socket.inet_aton("10.8.0.9")
		        assert p[28:] == b"hello"
		        break
		else:
		    raise AssertionError("no answer")
	PY
}

# It is to be cut into IP fragments if need be, the last of them shorter than UDP's header: not into datagrams.
test_datagram_larger_than_the_device_s_frames()
{
	modprobe tun || true
	[ -c /dev/net/tun ] || skip "no /dev/net/tun in this kernel"
	pair
	on A ip tuntap add dev t0 mode tun vnet_hdr
	plumb_addr A 10.8.0.1/24 t0
	on A plumb run "$PY" - <<-'PY'
		import fcntl, os, socket, struct
		tun = os.open("/dev/net/tun", os.O_RDWR)
		fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH22x", b"t0", 0x5001))
		def csum(d):
		    t = sum(struct.unpack(f"!{len(d) // 2}H", d))
		    while t >> 16:
		        t = (t & 0xFFFF) + (t >> 16)
		    return ~t & 0xFFFF
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.bind(("10.8.0.1", 9000))
		s.settimeout(5)
		for size in 1995, 2000, 5000:
		    text = bytes(i * 7 & 0xFF for i in range(size))
		    h = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + size, 1, 0, 64, 17, 0,
		                    socket.inet_aton("10.8.0.9"), socket.inet_aton("10.8.0.1"))
		    h = h[:10] + struct.pack("!H", csum(h)) + h[12:]
		    u = struct.pack("!HHHH", 7000, 9000, 8 + size, 0) + text
		    os.write(tun, struct.pack("<BBHHHH", 0, 3, 28, 1000, 0, 0) + h + u)
		    got, who = s.recvfrom(10000)
		    assert (got, who) == (text, ("10.8.0.9", 7000)), (size, len(got), who)
	PY
}

test_loopback_carries_local_traffic()
{
	pair
	on A plumb run ping -q -c 2 -i 0.01 -W 5 127.0.0.1
	on A plumb run ping -q -c 2 -i 0.01 -W 5 127.8.9.10
	on A plumb run ping -q -c 2 -i 0.01 -W 5 -s 65000 10.0.0.5
	expect_match "it is the family's own" 'plumb0' "$(on A plumb route get 127.0.0.1)"
	expect_eq "Linux gives it no address" "" "$(on A ip -o addr show dev plumb0)"
	on A ping -q -c 1 -W 5 127.0.0.1
}

# To ethtool it has a link while it is up, as Linux's.
test_loopback_has_a_link()
{
	local dev

	host A
	for dev in lo plumb0; do
		on A ip link set "$dev" up
		expect_match "$dev up" 'Link detected: yes' "$(on A ethtool "$dev")"
		on A ip link set "$dev" down
		expect_match "$dev down" 'Link detected: no' "$(on A ethtool "$dev")"
	done
}

test_pinned_link_stays_without_address()
{
	pair
	on A plumb link set eth0 adopt
	on A plumb addr del 10.0.0.5/24 dev eth0
	expect_match "links" 'eth0' "$(on A plumb link)"
	on A plumb link set eth0 release
	expect_no_match "links" 'eth0' "$(on A plumb link)"
}

run_tests "$@"
