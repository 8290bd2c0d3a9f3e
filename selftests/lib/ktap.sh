# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Counts KTAP test points. Sourced by selftests/run (in the VM) and scripts/check
# (outside); each point goes to the file $results as "result<tab>name".
passed=0 failed=0 skipped=0 expected=0
: "${results:=/dev/null}"

# note pass|fail|skip|xfail NAME: counts a test point.
note()
{
	case $1 in
	pass) passed=$((passed + 1)) ;;
	skip) skipped=$((skipped + 1)) ;;
	xfail) expected=$((expected + 1)) ;;
	fail) failed=$((failed + 1)) ;;
	esac
	printf '%s\t%s\n' "$1" "$2" >>"$results"
}

# broken NAME WHY: a failure that the program itself did not report.
broken()
{
	echo "not ok - $1: $2"
	note fail "$1:$2"
}

# count_ktap NAME EXIT_CODE FILE: the points of a program that wrote FILE. What it
# planned and did not report has failed.
count_ktap()
{
	local name=$1 rc=$2 line rest plan=0 seen=0 point before=$failed

	while IFS= read -r line; do
		case $line in
		1..[0-9]*) plan=${line#1..}; plan=${plan%%[!0-9]*} ;;
		'ok '[0-9]* | 'not ok '[0-9]*)
			seen=$((seen + 1))
			rest=${line#not }
			rest=${rest#ok }
			rest=${rest#* }
			rest=${rest#- }
			point=$name:${rest%% #*}
			case $line in
			not*) note fail "$point" ;;
			*'# SKIP'*) note skip "$point (${rest#*# SKIP })" ;;
			*'# XFAIL'*) note xfail "$point (${rest#*# XFAIL })" ;;
			*) note pass "$point" ;;
			esac
			;;
		esac
	done <"$3"
	if [ "$rc" = 124 ] || [ "$rc" = 137 ]; then
		broken "$name" "time limit ($seen of $plan reported)"
	elif [ "$seen" != "$plan" ] || [ "$plan" = 0 ]; then
		broken "$name" "$seen of $plan planned tests reported"
	elif [ "$rc" != 0 ] && [ "$failed" = "$before" ]; then
		broken "$name" "exit code $rc"
	fi
}
