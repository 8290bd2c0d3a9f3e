#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What wants a capability of who has a socket already (rights.c): each row with it, and without it
# in three ways: another user, root without it, root of a user namespace that does not own the network
# namespace; and with it where it is one's own.
# timeout: 120
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

RIGHTS=$(command -v rights)
NOBODY=(setpriv --reuid 65534 --regid 65534 --clear-groups)

test_root_has_them()
{
	host A
	expect_eq "not as expected" "" "$(on A rights with)"
}

test_another_user_has_not()
{
	host A
	expect_eq "not as expected" "" "$(on A "${NOBODY[@]}" "$RIGHTS" without)"
}

test_root_without_capabilities_has_not()
{
	host A
	expect_eq "not as expected" "" \
		"$(on A setpriv --bounding-set -all --inh-caps -all "$RIGHTS" without)"
}

test_root_of_a_user_namespace_has_not()
{
	host A
	expect_eq "not as expected" "" "$(on A unshare -Ur "$RIGHTS" without)"
}

test_root_of_a_user_namespace_has_them_in_its_own()
{
	# shellcheck disable=SC2016
	expect_eq "not as expected" "" "$("${NOBODY[@]}" unshare -Urn sh -c \
		'ip link set lo up; exec "$0" own' "$RIGHTS")"
}

# asked_for FILE: what the kernel's module loader was asked for.
asked_for() { cat "$1" 2>/dev/null || true; }

# The host's root may have a module loaded by its name; root of a user namespace may not.
test_modules_are_loaded_for_the_host_s_root_alone()
{
	local old log=$LIB_TMP/asked

	old=$(cat /proc/sys/kernel/modprobe)
	defer sh -c "echo '$old' >/proc/sys/kernel/modprobe"
	printf '#!/bin/sh\necho "$@" >>%s\n' "$log" >"$LIB_TMP/modprobe"
	chmod +x "$LIB_TMP/modprobe"
	echo "$LIB_TMP/modprobe" >/proc/sys/kernel/modprobe
	host A
	expect_eq "user namespace" "No such file or directory" "$(on A unshare -Ur "$RIGHTS" cc nowhere)"
	expect_eq "its own" "No such file or directory" "$("${NOBODY[@]}" unshare -Urn "$RIGHTS" cc nowhere)"
	expect_eq "asked for" "" "$(asked_for "$log")"
	expect_eq "root" "No such file or directory" "$(on A rights cc nowhere)"
	expect_match "asked for" 'plumb-cc-nowhere' "$(asked_for "$log")"
}

# As every change by netlink; to look is anybody's.
test_paths_are_the_administrator_s_to_forget()
{
	local plumb command

	plumb=$(command -v plumb)
	host A
	for command in flush "delete 10.0.0.2"; do
		# shellcheck disable=SC2086
		{
			expect_fail on A "${NOBODY[@]}" "$plumb" tcp_metrics $command
			expect_match "$command" 'not permitted' "$(cat "$LIB_TMP/fail.out")"
			expect_fail on A unshare -Ur "$plumb" tcp_metrics $command
			expect_match "$command" 'not permitted' "$(cat "$LIB_TMP/fail.out")"
		}
	done
	on A "${NOBODY[@]}" "$plumb" tcp_metrics show
	on A plumb tcp_metrics flush
	"${NOBODY[@]}" unshare -Urn "$plumb" tcp_metrics flush
}

# To look at a modelled LAN is to read what others send.
test_modelled_lans_are_the_administrator_s()
{
	local command

	host W
	on W plumb lan add lan type hub speed 10
	defer on W plumb lan del lan
	for command in "add other" "del lan" show "port add lan" "port show" "set lan port 0 ber 1e-6" \
		"scope lan count 1"; do
		# shellcheck disable=SC2086
		expect_fail on W unshare -Ur timeout 10 plumb lan $command
		expect_match "$command" 'not permitted' "$(cat "$LIB_TMP/fail.out")"
	done
}

# The keys that make Fast Open cookies.
test_fast_open_keys_are_for_root_s_eyes()
{
	host A
	expect_match "root" '^[0-9a-f]{8}-' "$(on A cat /proc/sys/net/plumb/tcp_fastopen_key)"
	expect_fail on A "${NOBODY[@]}" cat /proc/sys/net/plumb/tcp_fastopen_key
	expect_fail on A "${NOBODY[@]}" unshare -Ur cat /proc/sys/net/plumb/tcp_fastopen_key
}

load_plumb
run_tests "$@"
