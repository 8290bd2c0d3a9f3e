#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# An unmodified curl on Plumb: pages of any size from a server on Linux's stack, uploads,
# names, many at once, and the errors a user expects. Hosts: common.sh.
# timeout: 240
# shellcheck source=selftests/e2e/common.sh
. "${0%/*}/common.sh"

# fetch_size SIZE: from Linux on B to Plumb on A.
fetch_size()
{
	two_hosts
	mkdir "$LIB_TMP/www"
	make_file "$LIB_TMP/www/file" "$1"
	web B linux "$LIB_TMP/www"
	fetch A plumb http://10.0.0.2/file "$LIB_TMP/got"
	expect_same "$LIB_TMP/www/file" "$LIB_TMP/got"
}

test_fetch__empty_file() { fetch_size 0; }
test_fetch__one_byte() { fetch_size 1; }
test_fetch__large_file() { fetch_size "$LARGE"; }

test_upload__large_file()
{
	two_hosts
	mkdir "$LIB_TMP/www"
	make_file "$LIB_TMP/file" "$LARGE"
	web B linux "$LIB_TMP/www"
	on_plumb A curl -sS --fail --max-time 120 -T "$LIB_TMP/file" http://10.0.0.2/file
	expect_same "$LIB_TMP/file" "$LIB_TMP/www/file"
}

# The page came through Plumb's TCP, and Linux's on that host saw nothing of it.
test_fetch__uses_plumb_alone()
{
	local linux
	two_hosts
	mkdir "$LIB_TMP/www"
	make_file "$LIB_TMP/www/file" 300k
	web B linux "$LIB_TMP/www"
	linux=$(linux_counter A TcpInSegs)
	fetch A plumb http://10.0.0.2/file "$LIB_TMP/got"
	expect_ge "Plumb's TcpActiveOpens" 1 "$(plumb_counter A TcpActiveOpens)"
	expect_ge "Plumb's TcpInSegs" 5 "$(plumb_counter A TcpInSegs)"
	expect_eq "Linux's TcpInSegs" "$linux" "$(linux_counter A TcpInSegs)"
}

test_fetch__name_is_resolved_over_plumb()
{
	local ns
	two_hosts
	ns=$(netns A)
	mkdir -p "/etc/netns/$ns" "$LIB_TMP/www"
	defer rm -r "/etc/netns/$ns"
	echo "nameserver 10.0.0.2" >"/etc/netns/$ns/resolv.conf"
	echo hello >"$LIB_TMP/www/file"
	background B "$PY" "$LIB_DIR/dns.py" 10.0.0.2 www.plumb.test 10.0.0.2
	wait_bound B 53
	web B linux "$LIB_TMP/www"
	fetch A plumb http://www.plumb.test/file "$LIB_TMP/got"
	expect_same "$LIB_TMP/www/file" "$LIB_TMP/got"
	expect_ge "Plumb's UdpOutDatagrams" 1 "$(plumb_counter A UdpOutDatagrams)"
}

test_fetch__many_at_once()
{
	local i files=() urls=()
	two_hosts
	mkdir "$LIB_TMP/www" "$LIB_TMP/got"
	for ((i = 0; i < 50 / LIB_PART; i++)); do
		files+=("$LIB_TMP/www/$i" $((i * 5000)))
		urls+=(-o "$LIB_TMP/got/$i" "http://10.0.0.2/$i")
	done
	make_file "${files[@]}"
	web B linux "$LIB_TMP/www"
	on_plumb A curl -sS --fail --no-progress-meter --max-time 100 --parallel --parallel-immediate \
		--parallel-max 50 "${urls[@]}"
	expect_eq "differences" "" "$(diff -r "$LIB_TMP/www" "$LIB_TMP/got" 2>&1)"
}

test_fetch__from_plumb_to_plumb()
{
	two_hosts
	mkdir "$LIB_TMP/www"
	make_file "$LIB_TMP/www/file" $((20 / LIB_PART))M
	web B plumb "$LIB_TMP/www"
	fetch A plumb http://10.0.0.102/file "$LIB_TMP/got"
	expect_same "$LIB_TMP/www/file" "$LIB_TMP/got"
}

test_fetch__from_own_address()
{
	two_hosts
	mkdir "$LIB_TMP/www"
	make_file "$LIB_TMP/www/file" 5M
	web A plumb "$LIB_TMP/www"
	fetch A plumb http://10.0.0.101/file "$LIB_TMP/got"
	expect_same "$LIB_TMP/www/file" "$LIB_TMP/got"
}

test_refused_port_is_reported_at_once()
{
	local begin=$SECONDS
	two_hosts
	expect_rc 7 on_plumb A curl -sS --max-time 60 http://10.0.0.2:81/
	expect_le "seconds until curl said so" 15 $((SECONDS - begin))
}

# Nobody answers ARP for .77: EHOSTUNREACH after the neighbour's probes, not a hang.
test_absent_host_is_reported()
{
	two_hosts
	expect_rc 7 on_plumb A curl -sS --connect-timeout 50 http://10.0.0.77/
}

run_tests "$@"
