#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# plumb lan scope: a frame on the wire as text, as a picture and for Wireshark. Hosts: lan.sh.
# timeout: 120
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"
# shellcheck source=selftests/lan/lan.sh
. "${0%/*}/lan.sh"

# A ping's data, by which the probe knows it from ARP and whatever else passes.
DATA=$'\xa5\xa5\xa5\xa5'
one_ping() { on S1 plumb ping -q -c 1 -W 5 -s 100 -p a5 10.0.0.2 >/dev/null; }

# two_stations ARGUMENT...: they know one another.
two_stations()
{
	stations 2 "$@"
	one_ping
}

test_text_names_each_field()
{
	two_stations type hub speed 10 bits
	background W plumb lan scope lan match "$DATA" count 2
	wait_until 10 scope_listens
	one_ping
	wait_exit 10 "$BG_PID"
	shot=$(cat "$BG_LOG")
	expect_match "preamble" '^  preamble +(10){28}$' "$shot"
	expect_match "SFD" '^  SFD +10101011$' "$shot"
	expect_match "source" "^  source +$(mac_of S1 | tr : ' ')" "$shot"
	expect_match "type" '^  type +08 00  IPv4$' "$shot"
	expect_match "data" '^  data +45 00' "$shot"
	expect_match "data" 'a5 a5 a5 a5' "$shot"
	expect_match "FCS" '^  FCS +.*good$' "$shot"
	expect_match "signal" '^  signal +[_^]+\.\.\. .*20 MBd' "$shot"
	expect_match "verdict" 'good frame' "$shot"
}

test_text_says_what_is_wrong()
{
	two_stations type cable speed 100
	background W plumb lan scope lan count 20
	wait_until 10 scope_listens
	on W plumb lan set lan port 1 ber 1e-3 seed 3
	background S1 plumb ping -q -c 20 -i 0.02 -s 300 10.0.0.2
	wait_until 20 grep -q 'wrong: the check sequence' "$LIB_TMP/background.1"
}

# The pulses of MLT-3 have three levels, those of Manchester two.
test_picture_of_the_waveform()
{
	two_stations type cable speed 100 bits
	background W plumb lan scope lan match "$DATA" svg "$LIB_TMP/frame.svg"
	wait_until 10 scope_listens
	one_ping
	wait_exit 10 "$BG_PID"
	python3 - "$LIB_TMP/frame.svg" <<-'P'
		import sys
		import xml.etree.ElementTree as tree
		svg = "{http://www.w3.org/2000/svg}"
		root = tree.parse(sys.argv[1]).getroot()
		lines = root.findall(svg + "polyline")
		words = {t.text for t in root.iter(svg + "text")}
		levels = {p.split(",")[1] for p in lines[1].get("points").split()}
		assert len(levels) == 3, levels
		for name in ("preamble", "SFD", "destination", "source", "type", "IPv4 header", "data", "FCS"):
		    assert name in words, (name, words)
	P
}

test_pcapng_is_read_with_its_fcs()
{
	two_stations type switch speed 10
	scope_start pcapng "$LIB_TMP/wire.pcapng"
	background W plumb lan scope lan match "$DATA" count 4
	one_ping
	one_ping
	scope_stop
	wait_exit 10 "$BG_PID"
	# a request from S1 (port 0), on by the switch to S2 (port 1), and its answer
	expect_eq "where they were" 'port 0, switch to port 1, port 1, switch to port 0,' \
		"$(sed -nE 's/^[0-9.]+ ((switch to )?port [0-9]+,).*/\1/p' "$BG_LOG" | head -n 4 | tr '\n' ' ' | sed 's/ $//')"
	tshark -r "$LIB_TMP/wire.pcapng" -o eth.check_fcs:TRUE -T fields -e ip.src -e ip.dst \
		-e eth.fcs.status -e frame.len -Y icmp >"$LIB_TMP/frames" 2>/dev/null
	# each is seen on the station's cable and on the other's
	expect_eq "frames" 8 "$(wc -l <"$LIB_TMP/frames")"
	expect_eq "of them good, with 4 octets of FCS" 8 \
		"$(grep -cE '^10\.0\.0\.[12]	10\.0\.0\.[12]	(1|Good)	146$' "$LIB_TMP/frames")"
}

test_collision_is_shown()
{
	two_stations type hub speed 10 seed 2
	background W plumb lan scope lan
	wait_until 10 scope_listens
	background S1 plumb ping -q -f -c 2000 -s 1200 10.0.0.2
	background S2 plumb ping -q -f -c 2000 -s 1200 10.0.0.1
	wait_until 30 grep -q 'collision: cut short and jammed' "$LIB_TMP/background.1"
}

run_tests "$@"
