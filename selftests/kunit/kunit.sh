#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The unit tests of what lives in the kernel alone: plumb_test.ko, in a namespace of its own. The
# exit code of insmod says nothing of them, so their KTAP is read, from the kernel's log.
# kernel: debug
# timeout: 60
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

ONLY=${1-}

# run_suites FILE: what KUnit wrote to the log.
run_suites()
{
	local mark="kunit.sh $$ begins"

	echo "$mark" >/dev/kmsg
	"$LIB_NS" add "$$-K"
	"$LIB_NS" exec "$$-K" insmod "$LIB_TOP/build/$(uname -r)/kunit/plumb_test.ko"
	rmmod plumb_test
	"$LIB_NS" del "$$-K"
	dmesg | sed -e "1,/$mark/d" -e 's/^\[[ 0-9.]*\] //' >"$1"
}

load_plumb
log=$LIB_TMP/log
run_suites "$log"
# Cases are indented by four blanks, suites are not: each case becomes a point of its own.
awk -v only="${ONLY#test_}" '
	/^    # Subtest: / { suite = $3 }
	/^    (not )?ok [0-9]+ / {
		bad = $1 == "not"
		name = suite "__" (bad ? $4 : $3)
		if (only == "" || name == only)
			line[++n] = (bad ? "not ok " : "ok ") n " " name
	}
	/^    1\.\./ { sub(/^ *1\.\./, ""); planned += $0 }
	/: (EXPECTATION|ASSERTION) FAILED/ { why = 1 }
	/^ *(not )?ok / { why = 0 }
	why { print "# " $0 }
	END {
		print "KTAP version 1"
		print "1.." (only == "" ? planned : n)
		for (i = 1; i <= n; i++)
			print line[i]
	}' "$log"
! grep -qE '^ *not ok ' "$log"
