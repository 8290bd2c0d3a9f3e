# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Scripts whose points are those of one program: a program's start is what takes longest.
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

# all_of FUNCTION ARGUMENT...: it makes the hosts and runs the program, which prints KTAP.
all_of()
{
	local rc=0

	load_plumb || return 1
	(
		set -eE -o pipefail
		LIB_DEFERRED=()
		# shellcheck disable=SC2034 # of lib.sh
		LIB_JOBS=0
		trap lib_cleanup EXIT
		trap 'lib_error $? "$BASH_COMMAND"' ERR
		"$@"
	) || rc=$?
	return "$rc"
}
