#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Who may do what: a row an operation, each tried without the right it needs.
#
#	operation			needs
#	every netlink change		CAP_NET_ADMIN in the user namespace of the network namespace
#	every netlink look		nothing
#	net.plumb.* written		root of the network namespace's user namespace
#	stream, datagram socket		a group in socket_group_range, or CAP_NET_RAW there
#	ping socket			ping_group_range too
#	raw socket			CAP_NET_RAW there
# timeout: 240
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

NOBODY=(setpriv --reuid 65534 --regid 65534 --clear-groups)

test_changes_need_the_capability__other_user()
{
	host A
	expect_eq "not refused" "" "$(on A "${NOBODY[@]}" "$(command -v nlwrong)" refused)"
}

test_changes_need_the_capability__root_without_it()
{
	host A
	expect_eq "not refused" "" "$(on A setpriv --bounding-set -net_admin --inh-caps -net_admin \
		"$(command -v nlwrong)" refused)"
}

# Root of a user namespace of its own is nobody in a network namespace that it does not own.
test_changes_need_the_capability__user_namespace()
{
	host A
	expect_eq "not refused" "" "$(on A unshare -Ur "$(command -v nlwrong)" refused)"
}

test_own_namespace_may_be_changed()
{
	"${NOBODY[@]}" unshare -Urn plumb route add blackhole 10.0.0.0/8
}

test_looking_needs_nothing()
{
	host A
	on A "${NOBODY[@]}" "$(command -v plumb)" addr show >"$LIB_TMP/addr"
	on A "${NOBODY[@]}" "$(command -v plumb)" route get 127.0.0.1 >"$LIB_TMP/route"
	expect_match "loopback" 'local 127.0.0.1' "$(cat "$LIB_TMP/route")"
	on A unshare -Ur sh -c 'plumb route get 127.0.0.1 && cat /proc/net/plumb/*' >"$LIB_TMP/route"
	expect_match "loopback" 'local 127.0.0.1' "$(cat "$LIB_TMP/route")"
}

test_settings_need_root_of_the_namespace()
{
	host A
	expect_fail on A "${NOBODY[@]}" sh -c 'echo 0 >/proc/sys/net/plumb/tcp_sack'
	expect_fail on A "${NOBODY[@]}" unshare -Ur sh -c 'echo 0 >/proc/sys/net/plumb/tcp_sack'
	expect_eq "tcp_sack" 1 "$(on A cat /proc/sys/net/plumb/tcp_sack)"
	expect_eq "in its own" 0 "$("${NOBODY[@]}" unshare -Urn sh -c \
		'echo 0 >/proc/sys/net/plumb/tcp_sack; cat /proc/sys/net/plumb/tcp_sack')"
}

test_namespace_of_a_user_shows_no_limits_of_memory()
{
	expect_eq "files" "" "$("${NOBODY[@]}" unshare -Urn sh -c \
		'ls /proc/sys/net/plumb | grep -E "^(ipfrag_|neigh)"')"
}

# In the initial namespace root's group alone; sockdom prints the family, or why not.
test_sockets_of_the_host_are_root_s()
{
	local family

	family=$(cat /sys/module/plumb/parameters/family)
	expect_match "root" "^libc $family" "$(plumb run sockdom || true)"
	expect_rc 125 "${NOBODY[@]}" "$(command -v plumb)" run true
	expect_match "reason" 'socket_group_range' \
		"$("${NOBODY[@]}" "$(command -v plumb)" run true 2>&1 || true)"
}

test_group_range_gives_leave()
{
	local old

	old=$(cat /proc/sys/net/plumb/socket_group_range)
	defer sh -c "echo $old >/proc/sys/net/plumb/socket_group_range"
	echo 65534 65534 >/proc/sys/net/plumb/socket_group_range
	"${NOBODY[@]}" "$(command -v plumb)" run true
	echo 65533 65533 >/proc/sys/net/plumb/socket_group_range
	expect_rc 125 "${NOBODY[@]}" "$(command -v plumb)" run true
}

# By his own group or any other that a user is in.
test_group_range_is_asked_of_all_groups()
{
	host A
	on A sh -c 'echo 4242 4243 >/proc/sys/net/plumb/socket_group_range'
	on A setpriv --reuid 65534 --regid 4242 --clear-groups "$(command -v plumb)" run true
	on A setpriv --reuid 65534 --regid 65534 --groups 100,4243,60000 "$(command -v plumb)" run true
	expect_rc 125 on A setpriv --reuid 65534 --regid 65534 --groups 100,4241,4244 \
		"$(command -v plumb)" run true
	on A sh -c 'echo 0 4243 >/proc/sys/net/plumb/ping_group_range'
	expect_eq "ping by the same" yes "$(on A setpriv --reuid 65534 --regid 65534 --groups 4243 \
		"$(command -v plumb)" run python3 -c "$PYSOCK" SOCK_DGRAM)"
}

# Root of a user namespace is who he was in a network namespace that is not his.
test_group_range_is_not_for_root_of_a_user_namespace()
{
	host A
	on A unshare -Ur plumb run true
	on A sh -c 'echo 65533 65533 >/proc/sys/net/plumb/socket_group_range'
	on A plumb run true
	expect_rc 125 on A unshare -Ur plumb run true
}

PYSOCK='import socket, sys
try:
    socket.socket(socket.AF_INET, getattr(socket, sys.argv[1]), socket.IPPROTO_ICMP)
    print("yes")
except OSError as e:
    print(e.strerror)'

# kind_of_socket USER... : what opening a SOCK_* for ICMP gives
open_as_root_of_a_user_namespace() { on A unshare -Ur plumb run python3 -c "$PYSOCK" "$1"; }
open_as() { on A "${NOBODY[@]}" "$(command -v plumb)" run python3 -c "$PYSOCK" "$1"; }

test_raw_sockets_need_the_capability()
{
	host A
	expect_eq "raw" "Operation not permitted" "$(open_as SOCK_RAW)"
	expect_eq "raw in a user namespace" "Operation not permitted" "$(open_as_root_of_a_user_namespace SOCK_RAW)"
	expect_eq "raw of root" yes "$(on_plumb A python3 -c "$PYSOCK" SOCK_RAW)"
}

test_ping_sockets_need_their_group_range()
{
	host A
	expect_eq "ping" "Permission denied" "$(open_as SOCK_DGRAM)"
	expect_eq "ping in a user namespace" "Permission denied" \
		"$(open_as_root_of_a_user_namespace SOCK_DGRAM)"
	on A sh -c 'echo 65534 65534 >/proc/sys/net/plumb/ping_group_range'
	expect_eq "ping with leave" yes "$(open_as SOCK_DGRAM)"
}

# What a namespace's configuration takes is paid by the memory cgroup of who asks for it: the root of a user
# namespace may have two million routes, and any number of namespaces.
test_memory_is_charged_to_who_asks()
{
	local group=/sys/fs/cgroup/plumb_caps

	host A
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
	mkdir "$group"
	defer rmdir "$group"
	# Outside of A, where another /sys is mounted.
	(echo "$BASHPID" >"$group/cgroup.procs" && on A nlwrong routes 8000)
	expect_ge "bytes charged for 8000 routes" 1000000 \
		"$(awk '$1 == "slab_unreclaimable" { print $2 }' "$group/memory.stat")"
}

load_plumb
run_tests "$@"
