# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the scripts of this folder share: where things are kept outside the
# tree, how to complain, and which kernels Plumb is built and tried on.
# Sourced, never run.

# shellcheck disable=SC2034  # used by those who source this
PLUMB_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
PLUMB_CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/plumb
PLUMB_KERNELS="6.1 6.12"

PATH=$PATH:/usr/sbin:/sbin

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# die [-EXITCODE] MESSAGE
die()
{
	local code=1

	case $1 in
	-[0-9]*) code=${1#-}; shift ;;
	esac
	say "$*"
	exit "$code"
}

# usage_exit: shows the comment at the head of the script, as its usage.
usage_exit()
{
	sed -n '1,3d; /^[^#]/q; /^# shellcheck/d; s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

# hash_of FILE...: one short word that changes with the content of any of them.
hash_of() { cat -- "$@" | sha256sum | cut -c1-16; }

# with_lock NAME COMMAND...: only one process of this cache does that at a time.
with_lock()
{
	local name=$1 fd rc
	shift

	mkdir -p "$PLUMB_CACHE"
	exec {fd}>"$PLUMB_CACHE/.lock-$name"
	flock "$fd"
	rc=0
	"$@" || rc=$?
	exec {fd}>&-
	return "$rc"
}
