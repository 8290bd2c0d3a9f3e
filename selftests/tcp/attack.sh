#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a stranger can do to a server: SYNs by the ten thousand from addresses that nobody has, guesses
# into a connection of others, handshakes that go no further. None may change anything for who is honest.
#
#	A (Plumb 10.0.0.1) eth0 ---- eth0 B (Linux 10.0.0.2, and the stranger: forge)
#
# timeout: 240
# smp
# shellcheck source=selftests/tcp/common.sh
. "${0%/*}/common.sh"

routed_pair()
{
	pair
	on A plumb route add default via 10.0.0.2
}

# An echo server; $1: backlog.
server()
{
	background_plumb A python3 -c "
import socket, threading
l = socket.socket()
l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
l.bind(('10.0.0.1', 7000))
l.listen($1)
def serve(s):
    while True:
        d = s.recv(65536)
        if not d:
            break
        s.sendall(d)
    s.close()
while True:
    s, a = l.accept()
    threading.Thread(target=serve, args=(s,), daemon=True).start()
"
	wait_listen_plumb A 7000
}

# Honest connections, one after the other, while the process $1 lives, three at least: how many worked,
# of how many.
honest()
{
	on B python3 -c "
import os, socket, time
good = tried = 0
while os.path.exists('/proc/$1/exe') or tried < 3:
    tried += 1
    try:
        s = socket.create_connection(('10.0.0.1', 7000), timeout=10)
        m = os.urandom(3000)
        s.sendall(m)
        got = b''
        while len(got) < len(m):
            d = s.recv(65536)
            if not d:
                break
            got += d
        good += got == m
        s.close()
    except OSError as e:
        print(e)
print('%d of %d' % (good, tried))
"
}

# flood_with SYNCOOKIES: FLOODED is how many SYNs were sent.
flood_with()
{
	local said log

	on A sysctl -qw net.plumb.tcp_syncookies="$1"
	server 64
	background B forge flood eth0 "$mac_b" "$mac_a" 10.0.0.1 7000 2
	log=$BG_LOG
	said=$(honest "$BG_PID")
	wait_exit 20 "$BG_PID"
	FLOODED=$(cat "$log")
	echo "# SYNs sent: $FLOODED; honest connections: $said"
	expect_match "connections" '^([0-9]+) of \1$' "$said"
	expect_ge "honest connections" 1 "${said%% of*}"
	expect_ge "spoofed SYNs" $((1000 / LIB_PART)) "$FLOODED"
}

test_syn_flood__every_honest_connection_succeeds()
{
	local cookies

	routed_pair
	flood_with 1
	cookies=$(plumb_counter A TcpExtSyncookiesSent)
	# All but what the queue of 64 takes.
	expect_ge "cookies sent" $((FLOODED - 66)) "$cookies"
	expect_ge "queue full" "$cookies" "$(plumb_counter A TcpExtTCPReqQFullDoCookies)"
	expect_ge "cookies that came back" 1 "$(plumb_counter A TcpExtSyncookiesRecv)"
	expect_eq "SYNs dropped" 0 "$(plumb_counter A TcpExtTCPReqQFullDrop)"
	# 65 records and no more: the queue is bounded by the listener's backlog.
	expect_le "half-open" 66 "$(on A cat /proc/net/plumb/tcp | grep -c ' 03 ' || true)"
}

test_syn_flood__cookies_always()
{
	routed_pair
	flood_with 2
	expect_eq "records" 0 "$(on A cat /proc/net/plumb/tcp | grep -c ' 03 ' || true)"
	expect_ge "cookies that came back" 3 "$(plumb_counter A TcpExtSyncookiesRecv)"
}

# Without cookies the queue is bounded all the same, and drops are counted.
test_syn_flood__no_cookies()
{
	routed_pair
	on A sysctl -qw net.plumb.tcp_syncookies=0
	server 64
	on B forge flood eth0 "$mac_b" "$mac_a" 10.0.0.1 7000 1 >/dev/null
	expect_eq "cookies sent" 0 "$(plumb_counter A TcpExtSyncookiesSent)"
	expect_ge "SYNs dropped" 100 "$(plumb_counter A TcpExtTCPReqQFullDrop)"
	expect_le "half-open" 66 "$(on A cat /proc/net/plumb/tcp | grep -c ' 03 ' || true)"
}

# The options of a connection that a cookie began: those of the SYN, by the timestamps' low bits.
test_syncookies__carry_options()
{
	local info

	routed_pair
	on A sysctl -qw net.plumb.tcp_syncookies=2
	server 64
	info=$(on B python3 -c "
import socket, subprocess
s = socket.create_connection(('10.0.0.1', 7000), timeout=10)
s.sendall(b'x' * 20000)
n = 0
while n < 20000:
    n += len(s.recv(65536))
print(subprocess.run(['ss', '-tinoH', 'dst', '10.0.0.1'], capture_output=True, text=True).stdout)
")
	expect_match "timestamps and SACK" 'ts sack' "$info"
	expect_match "window scale" 'wscale:[1-9]' "$info"
	expect_eq "cookies that came back" 1 "$(plumb_counter A TcpExtSyncookiesRecv)"
	on B sysctl -qw net.ipv4.tcp_timestamps=0
	on B python3 -c "
import socket
s = socket.create_connection(('10.0.0.1', 7000), timeout=10)
s.sendall(b'x' * 200000)
n = 0
while n < 200000:
    n += len(s.recv(65536))
"
	expect_eq "without timestamps" 2 "$(plumb_counter A TcpExtSyncookiesRecv)"
	# A third segment that answers nothing is refused.
	expect_eq "failed" 0 "$(plumb_counter A TcpExtSyncookiesFailed)"
}

# 10,000 guesses of each kind while octets go both ways: all arrive, in order, once.
test_blind__ten_thousand_guesses()
{
	local port kind before since guesses=$((10000 / LIB_PART))

	routed_pair
	server 5
	background B python3 -c "
import hashlib, os, socket, threading, time
s = socket.create_connection(('10.0.0.1', 7000))
open('$LIB_TMP/port', 'w').write(str(s.getsockname()[1]))
sent, got = hashlib.sha256(), hashlib.sha256()
count = 0
def read():
    global count
    while True:
        d = s.recv(65536)
        if not d:
            break
        count += len(d)
        got.update(d)
t = threading.Thread(target=read)
t.start()
n = 0
while not os.path.exists('$LIB_TMP/enough'):
    m = os.urandom(5000)
    sent.update(m)
    s.sendall(m)
    n += len(m)
    time.sleep(0.005)
s.shutdown(socket.SHUT_WR)
t.join()
print('same' if sent.digest() == got.digest() and n == count else 'differs', n, count)
"
	wait_until 10 test -s "$LIB_TMP/port"
	port=$(cat "$LIB_TMP/port")
	before=$(plumb_counter A TcpEstabResets)
	since=$SECONDS
	for kind in rst syn data; do
		expect_eq "guesses" "$guesses" "$(on B forge blind eth0 "$mac_b" "$mac_a" \
			10.0.0.2 "$port" 10.0.0.1 7000 "$kind" "$guesses")"
		expect_eq "connections" 1 "$(on A cat /proc/net/plumb/tcp | grep -c ' 01 ')"
	done
	touch "$LIB_TMP/enough"
	wait_exit 20 "$BG_PID"
	expect_match "octets" '^same' "$(cat "$BG_LOG")"
	expect_eq "resets" "$before" "$(plumb_counter A TcpEstabResets)"
	# One answer in tcp_invalid_ratelimit, half a second, for all that is out of order.
	expect_le "challenges" $((2 * (SECONDS - since) + 4)) "$(plumb_counter A TcpExtTCPChallengeACK)"
}

# Guesses that hit the window: a challenge each, but no more than the limits let (RFC 5961 7, 10).
test_blind__challenges_are_limited()
{
	routed_pair
	server 5
	on A sysctl -qw net.plumb.tcp_invalid_ratelimit=500
	on B ip address flush dev eth0
	expect_eq "per socket" "ok" "$(on B python3 "$LIB_DIR/peer.py" eth0 "$mac_b" 10.0.0.2 "$mac_a" \
		10.0.0.1 challenge_per_socket)"
	expect_ge "skipped" 100 "$(plumb_counter A TcpExtTCPACKSkippedChallenge)"
	on A sysctl -qw net.plumb.tcp_invalid_ratelimit=0 net.plumb.tcp_challenge_ack_limit=20
	expect_eq "of the namespace" "ok" "$(on B python3 "$LIB_DIR/peer.py" eth0 "$mac_b" 10.0.0.2 \
		"$mac_a" 10.0.0.1 challenge_global)"
}

# Errors about a connection that quote no octet in flight (RFC 5927) are no news to a program with IP_RECVERR either.
test_blind__icmp_errors()
{
	routed_pair
	server 5
	background B python3 -c "
import random, socket, struct, sys
sys.path.insert(0, '$LIB_DIR/../ip')
from frames import icmp, ipv4
s = socket.create_server(('10.0.0.2', 7001))
print('ready', flush=True)
c, peer = s.accept()
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
rng = random.Random(1)
for i in range(1000):
    head = struct.pack('!HHI', peer[1], 7001, rng.randrange(1 << 32))
    quote = ipv4(peer[0], '10.0.0.2', 6, head, frag=0x4000, total=1000)
    raw.sendto(icmp(3, rng.choice((1, 2, 3)), 0, quote), (peer[0], 0))
c.sendall(b'still there')
c.recv(1)
"
	wait_until 20 grep -q ready "$BG_LOG"
	expect_eq "what was read" "still there nothing" "$(on_plumb A python3 -c "
import socket
s = socket.create_connection(('10.0.0.2', 7001), timeout=20)
s.setsockopt(socket.IPPROTO_IP, 11, 1)	# IP_RECVERR
text = s.recv(100).decode()
s.setblocking(False)
try:
    text += ' ' + repr(s.recvmsg(100, 100, socket.MSG_ERRQUEUE))
except BlockingIOError:
    text += ' nothing'
print(text)
")"
	expect_ge "refused" 990 "$(plumb_counter A TcpExtOutOfWindowIcmps)"
}

# twins: A has an address of Linux's too; B is played by hand.
twins()
{
	pair
	on A ip address add 10.0.0.11/24 dev eth0
	on A sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0
	on B ip address flush dev eth0
}

# both NAME VALUE: that setting, of either stack.
both() { on A sysctl -qw "net.ipv4.$1=$2" "net.plumb.$1=$2"; }

# stranger STACK ADDRESS SCENE [ARGUMENT...]: of stranger.py; its server is there from the first scene on.
stranger()
{
	local stack=$1 address=$2 to=$LIB_TMP/$1.to from=$LIB_TMP/$1.from
	shift 2

	if [ ! -e "$to" ]; then
		mkfifo "$to" "$from"
		if [ "$stack" = linux ]; then
			background A python3 "$LIB_DIR/stranger.py" serve "$address" "$to" "$from"
		else
			background_plumb A python3 "$LIB_DIR/stranger.py" serve "$address" "$to" "$from"
		fi
	fi
	on B python3 "$LIB_DIR/stranger.py" "$to" "$from" eth0 "$mac_b" 10.0.0.2 "$mac_a" "$address" "$@"
}

# counters STACK NAME...: a line each.
counters()
{
	local stack=$1 name
	shift

	for name in "$@"; do
		echo "$name $("${stack}_counter" A "$name")"
	done
}

# told_as_linux COUNTER...: STORY, with the counters, of either stack.
told_as_linux()
{
	STORY_LINUX+=$'\n'$(counters linux "$@")
	STORY+=$'\n'$(counters plumb "$@")
	[ "$STORY" = "$STORY_LINUX" ] || fail "Linux's story and Plumb's:
$(diff <(echo "$STORY_LINUX") <(echo "$STORY"))"
}

# story SCENE: what either stack makes of it.
story()
{
	STORY_LINUX=$(stranger linux 10.0.0.11 "$1" ${2+"$2"})
	STORY=$(stranger plumb 10.0.0.1 "$1" ${3+"$3"})
}

test_syncookies__of_a_reuseport_group()
{
	twins
	both tcp_syncookies 2
	story cookie_of_a_group
	told_as_linux TcpExtSyncookiesSent TcpExtSyncookiesRecv TcpExtSyncookiesFailed TcpPassiveOpens TcpOutRsts
	expect_match "by the group" '^accepted 3$' "$STORY"
	expect_match "by nobody" '^accepted 0$' "$STORY"
}

test_syncookies__wrong()
{
	twins
	both tcp_syncookies 2
	story wrong_cookie
	told_as_linux TcpExtSyncookiesSent TcpExtSyncookiesRecv TcpExtSyncookiesFailed TcpPassiveOpens TcpOutRsts
	expect_match "counted" '^TcpExtSyncookiesFailed 1$' "$STORY"
	expect_match "opened by the right one" '^TcpPassiveOpens 1$' "$STORY"
}

# The same without cookies: what is kept of the SYN stays, and the next third segment opens.
test_way_back_goes_during_a_handshake()
{
	twins
	story way_back_goes ip plumb
	told_as_linux TcpExtListenDrops TcpExtSyncookiesSent TcpOutRsts
	expect_match "not opened" '^TcpExtListenDrops 1$' "$STORY"
	# Linux counts the one that failed as well.
	expect_eq "opened in the end" 1 "$(plumb_counter A TcpPassiveOpens)"
}

test_syncookies__without_a_way_back()
{
	twins
	both tcp_syncookies 2
	story no_way_back
	told_as_linux TcpExtListenDrops TcpExtSyncookiesSent TcpExtTCPReqQFullDoCookies TcpOutSegs
	expect_match "dropped" '^TcpExtListenDrops 1$' "$STORY"
	story way_back_goes ip plumb
	told_as_linux TcpExtListenDrops TcpExtSyncookiesRecv TcpPassiveOpens TcpOutRsts
	expect_match "opened in the end" '^TcpPassiveOpens 1$' "$STORY"
}

test_syncookies__backlog_of_0()
{
	twins
	both tcp_syncookies 2
	story backlog_0
	told_as_linux TcpExtListenOverflows TcpExtListenDrops TcpExtSyncookiesRecv TcpPassiveOpens
	expect_match "opened" '^TcpPassiveOpens 2$' "$STORY"
}

test_resets_of_a_handshake()
{
	twins
	both tcp_abort_on_overflow 1
	story resets
	told_as_linux TcpExtListenOverflows TcpAttemptFails TcpExtEmbryonicRsts TcpPassiveOpens TcpOutRsts
	expect_match "reset" '^one too many: RST' "$STORY"
}

half_open() { on A grep -qE ' 03 ' /proc/net/tcp /proc/net/plumb/tcp; }
none_half_open() { ! half_open; }

# Its SYN-ACK goes once more, then it is forgotten.
test_silent_client()
{
	twins
	both tcp_synack_retries 1
	story silent
	half_open
	wait_until 20 none_half_open
	story late
	told_as_linux TcpRetransSegs TcpExtTCPSynRetrans TcpExtTCPTimeouts TcpAttemptFails TcpOutRsts
	expect_match "sent again" '^TcpRetransSegs 1$' "$STORY"
	expect_match "over" 'is over: RST$' "$STORY"
}

# That the network or the host is unreachable ends a handshake, that a port is does not (RFC 5927 4 for the rest).
test_icmp_errors_about_a_syn_ack()
{
	twins
	story errors
	told_as_linux TcpExtListenDrops TcpExtOutOfWindowIcmps TcpAttemptFails TcpPassiveOpens TcpOutRsts
	expect_match "ended" '^TcpOutRsts [1-9]' "$STORY"
}

run_tests "$@"
