#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# plumb run: every kind of program, its children, its exit code and its signals.
# sockdom prints which family its AF_INET sockets got, a line a way into the kernel.
# timeout: 400
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

NOBODY=(setpriv --reuid 65534 --regid 65534 --clear-groups)

# on_family OUTPUT WAY...: these ways got a Plumb socket.
on_family()
{
	local out=$1 family way
	shift

	family=$(cat /sys/module/plumb/parameters/family)
	for way in "$@"; do
		expect_match "$way" "^$way $family\$" "$out"
	done
	expect_match "unix" '^unix 1$' "$out"
}

# ran COMMAND...: its output; sockdom's exit code 7 is expected.
ran()
{
	local rc=0

	"$@" || rc=$?
	[ "$rc" = 7 ] || fail "$*: expected exit code 7, saw $rc"
}

test_dynamic_program()
{
	local out

	out=$(ran plumb run sockdom)
	on_family "$out" libc dgram syscall
	expect_match "inet6 stays" '^inet6 10$' "$out"
}

test_static_program()
{
	on_family "$(ran plumb run sockdom_static)" libc dgram syscall direct
}

test_seccomp_covers_all_ways()
{
	on_family "$(ran plumb run --mode seccomp sockdom)" libc dgram syscall direct
}

test_static_child_of_a_dynamic_program()
{
	on_family "$(ran plumb run sh -c 'sockdom_static')" libc direct
}

test_dynamic_child_of_a_static_program()
{
	on_family "$(ran plumb run --mode seccomp sh -c 'env sockdom')" libc direct
}

test_children_without_environment()
{
	on_family "$(ran plumb run env -i "$(command -v sockdom)")" libc
	on_family "$(ran plumb run env -i "$(command -v sockdom_static)")" libc direct
}

test_script_follows_its_interpreter()
{
	printf '#!/bin/sh\nsockdom\n' >"$LIB_TMP/script"
	chmod +x "$LIB_TMP/script"
	on_family "$(ran plumb run "$LIB_TMP/script")" libc
	printf '#!%s\n' "$LIB_TMP/script" >"$LIB_TMP/script2"
	chmod +x "$LIB_TMP/script2"
	on_family "$(ran plumb run "$LIB_TMP/script2")" libc
}

test_nested()
{
	on_family "$(ran plumb run plumb run sockdom)" libc
	on_family "$(ran plumb run --mode seccomp plumb run --mode seccomp sockdom)" direct
	on_family "$(ran plumb run plumb run --mode seccomp sockdom)" direct
}

test_ipv4_only()
{
	local mode

	for mode in preload seccomp; do
		expect_match "inet6 by $mode" '^inet6: Address family not supported' \
			"$(ran plumb run -4 --mode "$mode" sockdom)"
	done
}

test_name_resolution_goes_through_plumb()
{
	local log

	host A B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
	background B python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.0.0.2", 53))
while True:
    q, peer = s.recvfrom(512)
    end = q.index(b"\0", 12) + 5
    a = q[end - 4:end - 2] == b"\0\1"
    answer = b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4\x0a\x01\x02\x03" if a else b""
    s.sendto(q[:2] + b"\x81\x80\0\1\0" + bytes([a]) + b"\0\0\0\0" + q[12:end] + answer, peer)'
	wait_bound B 53
	mkdir -p "/etc/netns/$(netns A)"
	defer rm -r "/etc/netns/$(netns A)"
	echo "nameserver 10.0.0.2" >"/etc/netns/$(netns A)/resolv.conf"
	log=$(on_plumb A getent ahostsv4 host.example)
	expect_match "address" '^10\.1\.2\.3 ' "$log"
	# glibc asks for names only where Linux has an address itself, unless preload tells it better.
	on A ip link add name dummy0 type dummy
	on A ip address add 10.9.9.9/32 dev dummy0
	log=$(on A plumb run --mode seccomp getent ahostsv4 host.example)
	expect_match "address by seccomp" '^10\.1\.2\.3 ' "$log"
}

test_exit_codes_and_signals_pass()
{
	local mode

	for mode in preload seccomp; do
		expect_rc 3 plumb run --mode "$mode" sh -c 'exit 3'
		expect_rc 137 sh -c "plumb run --mode $mode sh -c 'kill -9 \$\$'; exit \$?"
	done
	expect_rc 127 plumb run no-such-program
	expect_rc 126 plumb run /etc/passwd
	expect_rc 125 plumb run
	expect_rc 125 plumb run --mode fly true
	expect_rc 125 plumb run --mode preload sockdom_static
}

# The program keeps the process that was started, so whoever started it can signal it.
test_program_is_the_process_that_was_started()
{
	local mode pid rc

	for mode in preload seccomp; do
		plumb run --mode "$mode" sleep 100 &
		pid=$!
		wait_until 10 grep -q '^sleep' "/proc/$pid/comm"
		kill -TERM "$pid"
		rc=0
		wait_exit 10 "$pid" || rc=$?
		expect_eq "exit code by $mode" 143 "$rc"
	done
}

supervisors() { pgrep -cx plumb-run || true; }

test_supervisor_ends_with_the_last_program()
{
	wait_until 10 test "$(supervisors)" = 0
	plumb run --mode seccomp sh -c 'sleep 100 & echo $!' >"$LIB_TMP/pid"
	expect_eq "supervisors" 1 "$(supervisors)"
	kill "$(cat "$LIB_TMP/pid")"
	wait_until 10 no_supervisor
}

no_supervisor() { [ "$(supervisors)" = 0 ]; }

# A pipe behind the program ends with it: nobody else holds it.
test_supervisor_holds_no_files()
{
	expect_eq "output" "at end" "$(timeout 10 plumb run --mode seccomp echo "at end" | cat)"
}

# The supervisor is root's; a program that has given up its rights must not get them back.
test_supervisor_lends_no_rights()
{
	local py='import socket
try:
    socket.socket(socket.AF_INET, socket.SOCK_RAW, 255)
    print("yes")
except OSError as e:
    print(e.strerror)'

	host A
	expect_eq "root" yes "$(on A plumb run --mode seccomp python3 -c "$py")"
	expect_eq "nobody" "Operation not permitted" \
		"$(on A plumb run --mode seccomp "${NOBODY[@]}" python3 -c "$py")"
}

test_supervisor_opens_in_the_callers_namespace()
{
	local py='import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.0.0.1", 0))
print(s.getsockname()[0])'

	host A B
	veth A B - -
	plumb_addr A 10.0.0.1/24 eth0
	expect_eq "address" 10.0.0.1 "$(on B plumb run --mode seccomp ip netns exec "$(netns A)" \
		python3 -c "$py")"
}

test_unprivileged_user_of_a_group_with_leave()
{
	host A
	on_family "$(ran on A "${NOBODY[@]}" "$(command -v plumb)" run "$(command -v sockdom)")" libc
	on_family "$(ran on A "${NOBODY[@]}" "$(command -v plumb)" run "$(command -v sockdom_static)")" direct
}

test_set_user_id_program_is_said_to_lose_it()
{
	local out

	host A
	cp "$(command -v sockdom)" "$LIB_TMP/suid"
	chmod 755 "$LIB_TMP"
	chmod 4755 "$LIB_TMP/suid"
	out=$(ran on A "${NOBODY[@]}" "$(command -v plumb)" run "$LIB_TMP/suid" 2>&1)
	expect_match "warning" 'runs without its set-user-ID' "$out"
	on_family "$out" libc direct
}

test_without_the_module()
{
	unload_plumb
	defer load_plumb
	expect_rc 125 plumb run true
	expect_match "reason" 'module plumb is not loaded' "$(plumb run true 2>&1 || true)"
	expect_match "reason" 'module plumb is not loaded' "$(plumb addr 2>&1 || true)"
	expect_rc 2 plumb addr
}

load_plumb
run_tests "$@"
