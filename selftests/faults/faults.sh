#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every allocation of the module fails once: in each scenario each call of each site (faults.c,
# plumb_faults.c). The last test looks which call sites of the module were never reached; those that
# need not be stand in "unreached" beside this script, with the reason.
#
#	A eth0 10.0.0.1 ---- eth0 B 10.0.0.2		both Plumb's
#	A ---- R ---- C					R forwards, and its other cable is narrow
# kernel: debug
# slow
# timeout: 1200
# allow: cannot start|allocation failure|probe with driver plumb.* failed
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

PLUMB_KO=$LIB_TOP/build/$(uname -r)/plumb.ko
FAULTS=$LIB_TOP/build/selftests/faults/faults
CONTROL=/run/plumb_faults

# Sites are looked for when the module is loaded.
setup_once()
{
	unload_plumb
	[ -d /sys/module/plumb_faults ] || insmod "$LIB_TOP/build/$(uname -r)/faults/plumb_faults.ko"
	load_plumb
	# A host has a /sys of its own, without debugfs.
	mkdir -p $CONTROL
	mountpoint -q $CONTROL || mount --bind /sys/kernel/debug/plumb_faults $CONTROL
	echo N >$CONTROL/user_only
}

two_hosts()
{
	host A B
	veth A B - -
	plumb_addr A 10.0.0.1/24 eth0
	plumb_addr B 10.0.0.2/24 eth0
	# What is repeated is repeated soon, and what waits in vain does not wait long.
	for h in A B; do
		on "$h" sysctl -qw net.plumb.neigh.default.retrans_time_ms=100 net.plumb.ipfrag_time=1
	done
}

# forget_fragments_soon NAME...: what waits for the rest of its datagram.
forget_fragments_soon()
{
	local name

	for name; do
		on "$name" sysctl -qw net.plumb.ipfrag_time=1
	done
}

# between SCENARIO: of faults.c, from A to B.
between() { on A "$FAULTS" "$1" "/run/netns/$(netns B)"; }

# each_fails COMMAND UNDO, on_each_fails HOST COMMAND UNDO: a shell command. (It takes seconds: the next
# round is the next try.)
each_fails() { FAULTS_ONCE=1 "$FAULTS" sh "$1" "$2"; }
on_each_fails()
{
	local name=$1
	shift

	FAULTS_ONCE=1 on "$name" "$FAULTS" sh "$@"
}

test_namespace()
{
	each_fails "ip netns add faults" "ip netns del faults 2>/dev/null"
}

test_adopt()
{
	host A B
	veth A B - -
	on_each_fails A "plumb addr add 10.0.0.1/24 dev eth0" \
		"plumb addr del 10.0.0.1/24 dev eth0 2>/dev/null"
	on_each_fails A "plumb link set eth0 adopt" "plumb link set eth0 release 2>/dev/null"
}

test_configure()
{
	two_hosts
	cat >"$LIB_TMP/batch" <<-TEXT
		addr add 10.0.1.1/24 dev eth0
		addr add 10.0.1.2/24 dev eth0
		route add 198.51.100.0/24 via 10.0.0.2
		route add 198.51.100.128/25 via 10.0.0.2
		route replace 198.51.101.0/24 via 10.0.0.2
		neigh add 10.0.0.77 lladdr 02:00:00:00:00:77 dev eth0
	TEXT
	on_each_fails A "plumb -b $LIB_TMP/batch" "plumb -force -b - 2>/dev/null <<-TEXT
		neigh del 10.0.0.77 dev eth0
		route del 198.51.101.0/24
		route del 198.51.100.128/25
		route del 198.51.100.0/24
		addr del 10.0.1.2/24 dev eth0
		addr del 10.0.1.1/24 dev eth0
	TEXT"
}

test_settings()
{
	two_hosts
	on_each_fails A "echo 1-2-3-4 >/proc/sys/net/plumb/tcp_fastopen_key &&
		echo reno >/proc/sys/net/plumb/tcp_congestion_control" \
		"echo cubic >/proc/sys/net/plumb/tcp_congestion_control"
}

test_dump()
{
	two_hosts
	printf '%s\n' "addr show" "route show table all" "neigh show" "neigh stats" "link show" \
		"route get 10.0.0.2" "stat drops" "lan show" >"$LIB_TMP/batch"
	on_each_fails A "plumb -b $LIB_TMP/batch >/dev/null && plumb ss -a >/dev/null" ""
}

# Who listens to changes is told that some were lost.
test_events()
{
	two_hosts
	background A plumb monitor all
	# shellcheck disable=SC2016
	wait_until 10 on A awk '$2 == 16 && $4 !~ /^0+$/ { n++ } END { exit !n }' /proc/net/netlink
	on_each_fails A "plumb route add 198.51.100.0/24 via 10.0.0.2" \
		"plumb route del 198.51.100.0/24 2>/dev/null"
}

test_stream() { two_hosts; between stream; }
test_close() { two_hosts; between close; }
test_urgent() { two_hosts; between urgent; }
test_zerocopy() { two_hosts; between zerocopy; }
test_stamps() { two_hosts; between stamps; }
test_splice() { two_hosts; between splice; }
test_fastopen() { two_hosts; on B sysctl -qw net.plumb.tcp_fastopen=3; between fastopen; }
test_md5() { two_hosts; between md5; }
test_metrics() { two_hosts; between metrics; }
test_pacing() { two_hosts; between pacing; }
test_options() { two_hosts; between options; }
test_reuseport() { two_hosts; between reuseport; }
test_datagram() { two_hosts; between datagram; }
test_cork() { two_hosts; between cork; }
test_fragments() { two_hosts; between fragments; between cork_fragments; }
test_groups()
{
	two_hosts
	on A sysctl -qw net.plumb.igmp_max_msf=64
	between multicast
	between broadcast
	between source_filter
}

test_own_address() { two_hosts; between own_address; }
test_errors() { two_hosts; between error_queue; between too_big; }
test_echo_and_raw()
{
	two_hosts
	on A sysctl -qw "net.plumb.ping_group_range=0 0"
	between echo
	between raw
}

# Each packet asks for the neighbour anew.
test_neighbour()
{
	two_hosts
	between neighbour
}

# A router that cuts, or says that the path is narrow.
test_forward()
{
	host A R C
	veth A R - -
	veth R C - -
	ip -n "$(netns R)" link set eth1 mtu 1200
	plumb_addr A 10.0.0.1/24 eth0
	plumb_addr R 10.0.0.2/24 eth0
	plumb_addr R 10.0.1.2/24 eth1
	ip -n "$(netns C)" link set eth0 mtu 1200
	plumb_addr C 10.0.1.3/24 eth0
	on R sysctl -qw net.plumb.ip_forward=1
	forget_fragments_soon A C
	on A plumb route add 10.0.1.0/24 via 10.0.0.2
	on C plumb route add 10.0.0.0/24 via 10.0.1.2
	on_each_fails A "plumb ping -c 1 -W 1 -s 1400 -M dont 10.0.1.3 >/dev/null" ""
	# The first is too large, and the path's MTU is known from then on.
	# (1: no answer, as it should be; 2: ping could not ask.)
	on_each_fails A "plumb ping -c 2 -i 0.2 -W 1 -s 1400 -M do 10.0.1.3 >/dev/null 2>&1
		[ \$? = 1 ] && plumb route get 10.0.1.3 | grep -q 'mtu 1200'" \
		"ip link set eth0 down; ip link set eth0 up; plumb route replace 10.0.1.0/24 via 10.0.0.2"
}

# lan_comes KIND [COMMAND]: a network of that kind, whose adapter is brought up by COMMAND.
lan_comes()
{
	printf '%s\n' "lan add lan type $1" "lan port add lan ifname lan0" \
		"lan port add lan ifname lan0 netns $(netns S)" >"$LIB_TMP/batch"
	on_each_fails W "plumb -b $LIB_TMP/batch && ${2:-ip link set lan0 up}" \
		"plumb lan del lan 2>/dev/null"
}

test_lan()
{
	host W S
	lan_comes cable
	lan_comes "switch speed 100"
	lan_comes "hub speed 10 bits"
}

# A switch listens for collisions where a station does. A link that had no memory comes in a moment.
test_lan_with_half_duplex()
{
	host W S
	FAULTS_MENDED=1 lan_comes switch "{
		ethtool -s lan0 autoneg off speed 10 duplex half
		ip link set lan0 up
		until [ \"\$(cat /sys/class/net/lan0/carrier)\" = 1 ]; do
			[ \$((n = n + 1)) -lt 60 ] || exit 9
			sleep 0.1
		done; } 2>/dev/null"
}

test_lan_carries()
{
	local kind

	host W S
	for kind in switch "hub speed 10 bits"; do
		# shellcheck disable=SC2086 # words
		on W plumb lan add lan type $kind
		on W plumb lan port add lan ifname lan0
		on W plumb lan port add lan ifname lan0 netns "$(netns S)"
		plumb_addr W 10.0.0.1/24 lan0
		plumb_addr S 10.0.0.2/24 lan0
		wait_until 10 on W plumb ping -c 1 -W 1 10.0.0.2
		background W plumb lan scope lan pcapng /dev/null
		on_each_fails W "plumb ping -c 2 -i 0.2 -W 1 -s 600 10.0.0.2 | grep -q ' 2 received'" ""
		kill -TERM "$BG_PID"
		on W plumb lan del lan
	done
}

test_ethtool()
{
	host W S
	on W plumb lan add lan type cable
	defer on W plumb lan del lan
	on W plumb lan port add lan ifname lan0
	on W plumb lan port add lan ifname lan0 netns "$(netns S)"
	on W ip link set lan0 up
	on_each_fails W "ethtool -G lan0 rx 128 tx 256" "ethtool -G lan0 rx 512 tx 512 2>/dev/null
		ip link set lan0 down; ip link set lan0 up"
	on_each_fails W "ip link set lan0 mtu 4000" "ip link set lan0 mtu 1500; ip link set lan0 up"
	on_each_fails W "ethtool -t lan0 offline >/dev/null" "ip link set lan0 up"
}

jumbo() { for h in A B; do ip -n "$(netns "$h")" link set eth0 mtu 9000; done; }

test_frames_in_pages()
{
	two_hosts
	jumbo
	between frames
}

# With a packet tap on each side no buffer is anybody's own.
test_beside_taps()
{
	two_hosts
	on A sysctl -qw "net.plumb.ping_group_range=0 0"
	export FAULTS_TAPS=1
	between options
	between fragments
	between echo
	between stream
}

# B's address is Linux's as well.
test_shared_address()
{
	host A B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
	on A sysctl -qw net.plumb.neigh.default.retrans_time_ms=100
	forget_fragments_soon A B
	# A route that had no room is entered a second later.
	FAULTS_MENDED=1 on_each_fails B "plumb link set eth0 share || exit
		until plumb route show | grep -q '^10.0.0.0/24 dev eth0 .*share'; do
			[ \$((n = n + 1)) -lt 60 ] || exit 9
			sleep 0.2
		done" "plumb link set eth0 noshare 2>/dev/null
		plumb link set eth0 release 2>/dev/null"
	on B plumb link set eth0 share
	between stream
	between datagram
	between fragments
	between raw
	jumbo
	between frames
}

test_refused() { two_hosts; between refused; }
test_probe() { two_hosts; FAULTS_ONCE=1 between probe; }
test_again() { two_hosts; FAULTS_ONCE=1 between again; }
test_again_in_parts() { two_hosts; FAULTS_TAPS=1 FAULTS_ONCE=1 between again_in_parts; }
test_own_zerocopy() { two_hosts; between own_zerocopy; }
test_segments() { two_hosts; between segments; }
test_narrower() { two_hosts; between narrower; }
test_own_group() { two_hosts; between own_group; }

# The header of a VLAN's frame is written anew for each, and the copy for this host is not to have it.
test_own_group_in_a_vlan()
{
	local h

	host A B
	veth A B - -
	for h in A B; do
		ip -n "$(netns "$h")" link add link eth0 name eth0.5 type vlan id 5
		ip -n "$(netns "$h")" link set eth0.5 up
	done
	plumb_addr A 10.0.0.1/24 eth0.5
	plumb_addr B 10.0.0.2/24 eth0.5
	between own_group
}

# Fragments that came through a tunnel in fragments, which Linux put together: a list of buffers each. (What
# fits behind the first one's octets is copied there, as a third of 1500 would be.)
test_fragments_in_fragments()
{
	local h

	host A B
	veth A B 192.0.2.1/24 192.0.2.2/24
	ip -n "$(netns A)" link add g0 type gretap local 192.0.2.1 remote 192.0.2.2 nopmtudisc \
		ignore-df
	ip -n "$(netns B)" link add g0 type gretap local 192.0.2.2 remote 192.0.2.1 nopmtudisc \
		ignore-df
	for h in A B; do
		ip -n "$(netns "$h")" link set g0 mtu 3000 up
	done
	plumb_addr A 10.0.0.1/24 g0
	plumb_addr B 10.0.0.2/24 g0
	on A sysctl -qw net.plumb.neigh.default.retrans_time_ms=100
	forget_fragments_soon A B
	wait_until 10 on A plumb ping -c 1 -W 1 -s 4000 -M dont 10.0.0.2
	between fragments
}

# pktgen hands over one buffer again and again.
test_buffer_of_several_owners()
{
	local word

	two_hosts
	modprobe pktgen
	defer modprobe -r pktgen
	on A sh -c 'echo add_device eth0 >/proc/net/pktgen/kpktgend_0'
	for word in "xmit_mode netif_receive" "count 2" "burst 2" "dst 10.0.0.1" \
		"dst_mac $(on A cat /sys/class/net/eth0/address)"; do
		on A sh -c "echo $word >/proc/net/pktgen/eth0"
	done
	on_each_fails A "echo start >/proc/net/pktgen/pgctrl" ""
}
test_group_filter() { two_hosts; between group_filter; }
test_long_cork() { two_hosts; FAULTS_ONCE=1 between long_cork; }

# R hands on to B, which has an address of A's network, over a cable that is narrow.
test_forward_what_may_be_cut()
{
	host A R B
	veth A R - -
	veth R B - -
	ip -n "$(netns R)" link set eth1 mtu 1200
	ip -n "$(netns B)" link set eth0 mtu 1200
	plumb_addr A 10.0.0.1/24 eth0
	plumb_addr R 10.0.0.254/24 eth0
	plumb_addr R 10.0.1.254/24 eth1
	plumb_addr B 10.0.1.3/24 eth0
	plumb_addr B 10.0.0.2/32 eth0
	on R sysctl -qw net.plumb.ip_forward=1
	forget_fragments_soon B
	on A plumb route add 10.0.0.2/32 via 10.0.0.254
	on R plumb route add 10.0.0.2/32 via 10.0.1.3
	on B plumb route add 10.0.0.0/24 via 10.0.1.254
	background R tcpdump -n -i eth0 -w /dev/null
	wait_until 20 grep -q 'listening on' "$BG_LOG"
	between any_fragment
	FAULTS_TAPS=1 between any_fragment
}

# Over the driver: segmentation, pages, frames longer than half a page.
test_driver_carries()
{
	host W A B
	on W plumb lan add lan type switch
	defer on W plumb lan del lan
	on W plumb lan port add lan ifname eth0 netns "$(netns A)"
	on W plumb lan port add lan ifname eth0 netns "$(netns B)"
	plumb_addr A 10.0.0.1/24 eth0
	plumb_addr B 10.0.0.2/24 eth0
	forget_fragments_soon A B
	wait_until 20 on A plumb ping -c 1 -W 1 10.0.0.2
	between stream
	FAULTS_TAPS=1 between stream
	between zerocopy
	between sources
	jumbo
	wait_until 20 on A plumb ping -c 1 -W 1 10.0.0.2
	between stream
	between frames
}

test_load_and_unload()
{
	unload_plumb
	defer load_plumb
	each_fails "insmod $PLUMB_KO && $FAULTS once key /proc/self/ns/net && { [ ! -d /sys/bus/pci/drivers/plumb_nic ] ||
		ip link set \"\$(ls /sys/bus/pci/drivers/plumb_nic/0000*/net)\" up; } >/dev/null 2>&1" \
		"[ ! -d /sys/module/plumb ] || rmmod plumb"
}

# One that nothing has reached is either to be reached, or has its reason in "unreached".
test_every_site()
{
	local calls failures func place reason missing=0 all=0 failed=0

	while read -r _ calls failures func place _; do
		all=$((all + 1))
		if [ "$failures" != 0 ]; then
			failed=$((failed + 1))
			continue
		fi
		reason=$(awk -v f="$func" -v p="${place%%+*}" '$1 == f && $2 == p { print $1 }' \
			"$LIB_DIR/unreached")
		if [ -z "$reason" ]; then
			echo "never failed: $func in $place ($calls calls)"
			missing=$((missing + 1))
		fi
	done <"$CONTROL/sites"
	echo "$failed of $all sites failed"
	expect_ge "sites" 100 "$all"
	expect_eq "sites that never failed" 0 "$missing"
}

run_tests "$@"
