#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Congestion control as modules: by socket, by namespace, by privilege; one from another module
# (examples/cc); DCTCP on a path that marks.
#
#	A (Plumb) eth0 ---------- eth0 B (Plumb or Linux)
#	10.0.0.1                  10.0.0.2
# timeout: 180
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

CC=$LIB_DIR/cc.py
EXAMPLE=$LIB_TOP/build/$(uname -r)/examples/cc/plumb_scalable.ko

# setting NAME FILE [VALUE]
setting()
{
	if [ $# = 3 ]; then
		on "$1" sh -c "echo '$3' >/proc/sys/net/plumb/$2"
	else
		on "$1" cat "/proc/sys/net/plumb/$2"
	fi
}

example()
{
	insmod "$EXAMPLE"
	defer sh -c '[ ! -d /sys/module/plumb_scalable ] || rmmod plumb_scalable'
}

# What a program of nobody's sees.
nobody() { on A setpriv --reuid 65534 --clear-groups --bounding-set=-all plumb run "$CC" "$@"; }

test_default_is_cubic_as_linux()
{
	host A
	expect_eq "default" "$(on A cat /proc/sys/net/ipv4/tcp_congestion_control)" \
		"$(setting A tcp_congestion_control)"
	expect_eq "of a socket, and of one accepted" "cubic cubic" "$(on_plumb A "$CC" name)"
	expect_eq "available" "reno cubic dctcp" "$(setting A tcp_available_congestion_control)"
	expect_eq "allowed" "$(on A cat /proc/sys/net/ipv4/tcp_allowed_congestion_control)" \
		"$(setting A tcp_allowed_congestion_control)"
}

test_default_is_the_namespace_s()
{
	host A B
	setting A tcp_congestion_control reno
	expect_eq "A" "reno reno" "$(on_plumb A "$CC" name)"
	expect_eq "B" "cubic cubic" "$(on_plumb B "$CC" name)"
	expect_fail setting A tcp_congestion_control nothing
	expect_fail setting A tcp_congestion_control dctcp
	expect_eq "A afterwards" "reno" "$(setting A tcp_congestion_control)"
	expect_fail setting A tcp_allowed_congestion_control reno
}

test_listener_s_choice_is_its_children_s()
{
	host A
	expect_eq "chosen" "reno reno" "$(on_plumb A "$CC" choose reno)"
	expect_eq "unknown" "ENOENT" "$(on_plumb A "$CC" choose nothing)"
	# The client does not ask for ECN.
	expect_eq "restricted, for root" "dctcp dctcp-reno" "$(on_plumb A "$CC" choose dctcp)"
}

test_restricted_needs_the_administrator()
{
	local before

	host A
	expect_eq "free" "reno reno" "$(nobody choose reno)"
	expect_eq "restricted" "EPERM" "$(nobody choose dctcp)"
	before=$(</proc/sys/net/plumb/tcp_allowed_congestion_control)
	defer sh -c "echo '$before' >/proc/sys/net/plumb/tcp_allowed_congestion_control"
	expect_fail sh -c 'echo reno nothing >/proc/sys/net/plumb/tcp_allowed_congestion_control'
	expect_eq "unchanged" "$before" "$(</proc/sys/net/plumb/tcp_allowed_congestion_control)"
	echo reno dctcp >/proc/sys/net/plumb/tcp_allowed_congestion_control
	expect_eq "allowed" "dctcp dctcp-reno" "$(nobody choose dctcp)"
	# What a socket has it may keep: cubic.
	expect_eq "its own" "cubic cubic" "$(nobody choose cubic)"
	echo cubic dctcp >/proc/sys/net/plumb/tcp_allowed_congestion_control
	expect_eq "no longer allowed" "EPERM" "$(nobody choose reno)"
}

test_another_module_s_algorithm()
{
	local seen

	host A
	expect_eq "before" "ENOENT" "$(on_plumb A "$CC" choose scalable)"
	example
	expect_match "available" 'scalable$' "$(setting A tcp_available_congestion_control)"
	expect_eq "nobody's" "EPERM" "$(nobody choose scalable)"
	seen=$(on_plumb A "$CC" move scalable 3000000)
	expect_match "name, losses, ACKs, cwnd" '^scalable [0-9]+ [1-9][0-9]* [1-9][0-9]*$' "$seen"
	rmmod plumb_scalable
	expect_eq "available" "reno cubic dctcp" "$(setting A tcp_available_congestion_control)"
}

test_users_hold_the_module()
{
	host A
	example
	background_plumb A "$CC" hold scalable
	wait_until 20 grep -q held "$BG_LOG"
	expect_fail rmmod plumb_scalable
	expect_fail rmmod plumb
	kill -9 "$BG_PID"
	wait_until 20 rmmod plumb_scalable
}

test_default_holds_the_module()
{
	host A
	example
	echo scalable >/proc/sys/net/plumb/tcp_congestion_control
	defer sh -c 'echo cubic >/proc/sys/net/plumb/tcp_congestion_control'
	host B
	expect_eq "a namespace made now" "scalable scalable" "$(on_plumb B "$CC" name)"
	expect_eq "one made before" "cubic cubic" "$(on_plumb A "$CC" name)"
	echo cubic >/proc/sys/net/plumb/tcp_congestion_control
	expect_fail rmmod plumb_scalable
	setting B tcp_congestion_control reno
	rmmod plumb_scalable
}

# marking_cable NAME SHARE: that much of what leaves NAME, and says it may be, is marked. (A SYN would be
# lost, and with it ECN.)
marking_cable()
{
	on "$1" tc qdisc add dev eth0 root handle 1: prio priomap 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2
	on "$1" tc qdisc add dev eth0 parent 1:1 netem delay 2ms loss "$2" ecn
	on "$1" tc filter add dev eth0 parent 1: protocol ip u32 match ip tos 0x02 0x03 flowid 1:1
}

# dctcp_send PEER'S-COMMAND...: A sends 20 MB by DCTCP to B.
dctcp_send()
{
	local seen

	background "$@" "$CC" serve 5000 dctcp
	wait_until 20 on B grep -qE ':1388 0+:0000 0A' /proc/net/plumb/tcp /proc/net/tcp
	seen=$(on_plumb A "$CC" send 10.0.0.2 5000 dctcp 20000000)
	echo "$seen"
}

test_dctcp_counts_marks()
{
	local name enabled alpha all marked

	host A B
	veth A B - -
	plumb_addr A 10.0.0.1/24 eth0
	plumb_addr B 10.0.0.2/24 eth0
	# (A packet of 64 KiB has one fate: 300 of them, not 30, or it might be that none is marked.)
	marking_cable A 5%
	read -r name enabled _ alpha _ _ all marked <<<"$(dctcp_send B plumb run)"
	echo "$name enabled $enabled alpha $alpha delivered $all marked $marked"
	expect_eq "name" dctcp "$name"
	expect_eq "enabled" 1 "$enabled"
	# (It began at 1024; some windows without a mark at the end make it 0.)
	expect_le "alpha" 1023 "$alpha"
	expect_ge "marked" 1 "$marked"
	expect_le "marked, of all" "$((all / 2))" "$marked"
	# (A peer that is slow to answer is probed.)
	expect_le "nothing was lost" "$(plumb_counter A TcpExtTCPLossProbes)" \
		"$(plumb_counter A TcpRetransSegs)"
}

test_dctcp_without_ecn_is_reno()
{
	local name enabled

	host A B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
	on B sh -c 'echo 0 >/proc/sys/net/ipv4/tcp_ecn'
	background B nc -l -p 5000
	wait_listen B 5000
	read -r name enabled _ <<<"$(on_plumb A "$CC" send 10.0.0.2 5000 dctcp 100000)"
	expect_eq "name" dctcp-reno "$name"
	expect_eq "enabled" 0 "$enabled"
}

# marked STACK STACK: A sends by CUBIC with ECN (RFC 3168) on the one, B takes it on the other; the cable marks.
# Reduced once a window, and not by a loss; the echo ends with CWR, and begins with a mark.
marked()
{
	local -A on=([plumb]=on_plumb [linux]=on) behind=([plumb]=background_plumb [linux]=background)
	local pid log options ssthresh all ce

	marking_cable A 20%
	capture A eth0 "$LIB_TMP/pcap" -s 80 tcp port 5000
	"${behind[$2]}" B "$CC" ecn_serve 5000
	pid=$BG_PID log=$BG_LOG
	wait_until 20 on B grep -qE ':1388 0+:0000 0A' /proc/net/plumb/tcp /proc/net/tcp
	read -r options ssthresh all ce <<<"$("${on[$1]}" A "$CC" ecn_send 10.0.0.2 5000 400000)"
	wait_exit 60 "$pid"
	stop_capture
	echo "options $options ssthresh $ssthresh delivered $all marked $ce; receiver's $(<"$log")"
	# 8: agreed, 16: a packet came that may be marked.
	expect_eq "ECN at the sender" 8 $((options & 24))
	expect_eq "ECN at the receiver" 24 $(($(<"$log") & 24))
	expect_ge "marked" 1 "$ce"
	expect_le "the threshold" 100000 "$ssthresh"
	expect_le "nothing was lost" "$("$1_counter" A TcpExtTCPLossProbes)" "$("$1_counter" A TcpRetransSegs)"
	expect_eq "what may be marked is text" "" "$(tcpdump -nr "$LIB_TMP/pcap" \
		'ip[1] & 3 != 0 and ip[2:2] <= 60' 2>/dev/null)"
	tcpdump -nr "$LIB_TMP/pcap" 2>/dev/null | awk '
		/Flags \[S/ { next }
		/ > 10\.0\.0\.2\.5000: / && /Flags \[[^]]*W/ { cwr++; since++ }
		/ 10\.0\.0\.2\.5000 > / {
			now = /Flags \[[^]]*E/
			if (echo && !now) { ended++; if (!since) bad++ }
			if (now && !echo) since = 0
			echo = now
		}
		END { print "CWR", cwr + 0, "echoes ended", ended + 0, "of them without CWR", bad + 0 }
	' >"$LIB_TMP/echoes"
	expect_match "echoes" '^CWR [1-9][0-9]* echoes ended [1-9][0-9]* of them without CWR 0$' "$(<"$LIB_TMP/echoes")"
}

test_ecn__sender()
{
	host A B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
	setting A tcp_ecn 1
	marked plumb linux
}

test_ecn__receiver()
{
	host A B
	veth A B 10.0.0.1/24 -
	plumb_addr B 10.0.0.2/24 eth0
	on A sysctl -qw net.ipv4.tcp_ecn=1
	marked linux plumb
}

# A setting that is written reaches connections: here, that SYNs offer no timestamps any more.
test_settings_reach_the_engine()
{
	host A
	expect_eq "before" 1 "$(on_plumb A python3 "$LIB_DIR/ts.py")"
	setting A tcp_timestamps 0
	expect_eq "after" 0 "$(on_plumb A python3 "$LIB_DIR/ts.py")"
}

run_tests "$@"
