#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What ethtool(8) shows and sets.
# timeout: 240
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"
# shellcheck source=selftests/driver/nic.sh
. "${0%/*}/nic.sh"

test_driver_information()
{
	nic_loaded
	info=$(ethtool -i "$NIC")
	expect_match "driver" '^driver: plumb_nic$' "$info"
	expect_match "bus" "^bus-info: $(nic_bus)\$" "$info"
}

test_link_settings()
{
	nic_up
	settings=$(ethtool "$NIC")
	expect_match "settings" 'Speed: 1000Mb/s' "$settings"
	expect_match "settings" 'Duplex: Full' "$settings"
	expect_match "settings" 'Auto-negotiation: on' "$settings"
	expect_match "settings" 'Link detected: yes' "$settings"
	expect_match "settings" '1000baseT/Full' "$settings"
	ip link set "$NIC" down
	expect_match "settings when down" 'Link detected: no' "$(ethtool "$NIC")"
}

test_advertised_modes_are_set()
{
	nic_up
	defer ethtool -s "$NIC" autoneg on advertise 0x02f
	ethtool -s "$NIC" autoneg on advertise 0x00c
	settings=$(ethtool "$NIC" | sed -n '/Advertised link modes/,/Advertised pause/p')
	expect_match "advertised" '100baseT/Full' "$settings"
	expect_no_match "advertised" '1000baseT' "$settings"
	wait_until 15 nic_reaches_peer
}

test_gigabit_cannot_be_forced()
{
	nic_up
	expect_fail ethtool -s "$NIC" autoneg off speed 1000 duplex full
	expect_fail ethtool -s "$NIC" autoneg off speed 42 duplex full
	defer ethtool -s "$NIC" autoneg on advertise 0x02f
	ethtool -s "$NIC" autoneg off speed 100 duplex full
	expect_match "settings" 'Auto-negotiation: off' "$(ethtool "$NIC")"
}

test_rings_are_resized_under_traffic()
{
	nic_up
	(send_stream 700000 7901) &
	pid=$!
	for size in 64 4032 100 256 512; do
		ethtool -G "$NIC" rx "$size" tx $((size + 64))
		sleep 0.2
	done
	wait "$pid"
	rings=$(ethtool -g "$NIC" | sed -n '/Current/,$p')
	expect_match "rings" 'RX:[[:space:]]+512' "$rings"
	expect_match "rings" 'TX:[[:space:]]+576' "$rings"
}

test_smallest_and_largest_rings_carry_streams()
{
	nic_up
	for size in 64 4096; do
		ethtool -G "$NIC" rx "$size" tx "$size"
		wait_until 10 nic_reaches_peer
		send_stream 100000 $((8000 + size % 97))
		receive_stream 100000 $((8100 + size % 97))
	done
	expect_fail ethtool -G "$NIC" rx 4097
}

test_coalescing()
{
	nic_up
	ethtool -C "$NIC" adaptive-rx off rx-usecs 200 tx-usecs 30
	coal=$(ethtool -c "$NIC")
	expect_match "coalescing" 'Adaptive RX: off' "$coal"
	expect_match "coalescing" '^rx-usecs:[[:space:]]+200' "$coal"
	expect_match "coalescing" '^tx-usecs:[[:space:]]+30' "$coal"
	receive_stream 100000
	send_stream 100000
	expect_fail ethtool -C "$NIC" rx-usecs 10001
	expect_fail ethtool -C "$NIC" rx-frames 5
	ethtool -C "$NIC" adaptive-rx on
	receive_stream 100000 7003
	nic_reaches_peer
}

test_pause_parameters()
{
	nic_up
	defer ethtool -A "$NIC" autoneg on rx on tx on
	ethtool -A "$NIC" autoneg off rx on tx off
	pause=$(ethtool -a "$NIC")
	expect_match "pause" 'Autonegotiate:[[:space:]]+off' "$pause"
	expect_match "pause" 'RX:[[:space:]]+on' "$pause"
	expect_match "pause" 'TX:[[:space:]]+off' "$pause"
	wait_until 15 nic_reaches_peer
	# 802.3 28B.2: to send it alone is asymmetric
	ethtool -A "$NIC" autoneg on rx off tx on
	expect_match "what is told the peer" 'Advertised pause frame use: Transmit-only' "$(ethtool "$NIC")"
	wait_until 15 nic_reaches_peer
	expect_match "counters" 'tx_pause_frames: [0-9]' "$(ethtool -I -a "$NIC")"
}

test_statistics_have_names_and_standard_groups()
{
	nic_up
	stats=$(ethtool -S "$NIC")
	for name in rx_packets tx_packets tx_doorbells mac_rx_crc_errors mac_tx_collisions mac_rx_missed; do
		expect_match "statistics" "^ *$name: [0-9]+\$" "$stats"
	done
	groups=$(ethtool -S "$NIC" --groups eth-mac eth-phy rmon)
	expect_match "groups" 'FramesTransmittedOK: [1-9]' "$groups"
	expect_match "groups" 'SymbolErrorDuringCarrier: 0' "$groups"
	expect_match "groups" 'etherStatsPkts65to127Octets: [1-9]' "$groups"
}

# address and value; the ring's length is known
test_register_dump()
{
	nic_up
	ethtool -d "$NIC" raw on >"$LIB_TMP/regs"
	expect_eq "octets of dump" 360 "$(stat -c %s "$LIB_TMP/regs")"
	expect_match "RDLEN" '^00002808 00002000$' "$(od -An -tx4 -w8 -v "$LIB_TMP/regs" | sed 's/^ //')"
}

test_eeprom()
{
	nic_loaded
	expect_eq "words 0-2" "$(tr -d : <<<"$NIC_MAC")" \
		"$(ethtool -e "$NIC" raw on offset 0 length 6 | od -An -tx1 | tr -d ' \n')"
	sum=$(ethtool -e "$NIC" raw on | od -An -tu2 -v | awk '{ for (i = 1; i <= NF; i++) s += $i } END { print s % 65536 }')
	expect_eq "sum of the words" $((0xbaba)) "$sum"
}

# QEMU's EEPROM takes no writes, which the driver must find out; the model's does.
test_eeprom_write()
{
	nic_loaded
	magic=$((0x8086 | $(nic_device_number) << 16))
	expect_fail ethtool -E "$NIC" magic 1 offset 0x42 value 0x5a
	if ! on_model; then
		expect_fail ethtool -E "$NIC" magic "$magic" offset 0x42 value 0x5a
		expect_match "refusal" 'Input/output error' "$(cat "$LIB_TMP/fail.out")"
		test_eeprom
		return
	fi
	ethtool -E "$NIC" magic "$magic" offset 0x43 value 0x5a
	ethtool -E "$NIC" magic "$magic" offset 0x44 value 0xa5
	expect_eq "octets" 5aa5 "$(ethtool -e "$NIC" raw on offset 0x43 length 2 | od -An -tx1 | tr -d ' \n')"
	test_eeprom
	nic_up
	out=$(ethtool -t "$NIC" offline)
	expect_match "self-test after it" 'result is PASS' "$out"
}

# nic_device_number: of PCI, or of the adapter modelled.
nic_device_number() { cat "/sys/class/net/$NIC/device/device" 2>/dev/null || echo 0x100e; }

test_wake_on_lan()
{
	nic_loaded
	wol=$(ethtool "$NIC" | sed -n 's/.*Supports Wake-on: //p')
	if ! on_model; then		# QEMU's adapter has no power management
		expect_fail ethtool -s "$NIC" wol g
		return
	fi
	expect_eq "supported" pumbag "$wol"
	ethtool -s "$NIC" wol gu
	expect_eq "set" ug "$(ethtool "$NIC" | sed -n 's/^[[:space:]]*Wake-on: //p')"
	expect_fail ethtool -s "$NIC" wol s
	ethtool -s "$NIC" wol d
	expect_eq "off" d "$(ethtool "$NIC" | sed -n 's/^[[:space:]]*Wake-on: //p')"
}

# The kernel's messages by netpoll, which sends with interrupts off from anywhere.
test_netconsole()
{
	modinfo netconsole >/dev/null 2>&1 || skip "no netconsole"
	nic_up
	local file=/tmp/plumb-console.$$.$RANDOM
	# what the peer writes is seen when it ends
	peer timeout 30 sh -c "socat -u UDP-RECV:6666 CREATE:$file &
		until grep -qs ' line 49 of $file' $file; do sleep 0.05; done
		kill \$!; cat $file; rm $file" >"$LIB_TMP/console" &
	wait_until 10 peer_bound 6666
	defer modprobe -r netconsole
	modprobe netconsole "netconsole=6665@$PLUMB_ADDR/$NIC,6666@$PLUMB_PEER/$(peer_mac)"
	for ((i = 0; i < 50; i++)); do
		echo "<2>selftest of netpoll, line $i of $file" >/dev/kmsg
	done
	wait $!
	expect_eq "lines" 50 "$(grep -c "selftest of netpoll, line .* of $file" "$LIB_TMP/console")"
}

peer_bound() { peer ss -Huln "sport = :$1" | grep -q .; }

test_software_timestamps()
{
	nic_loaded
	stamps=$(ethtool -T "$NIC")
	expect_match "capabilities" 'software-transmit' "$stamps"
	expect_match "capabilities" 'software-receive' "$stamps"
}

# The start delimiter of a frame passes the two ends of a cable as far apart as the cable is
# long: 5 ns a metre, 10 metres at either end if nothing else is said.
test_hardware_timestamps()
{
	STAMP=$(dirname "$FRAME")/stamp
	nic_up
	if ! on_model; then
		expect_fail "$STAMP" send "$NIC" "$PLUMB_PEER" 7777
		expect_match "refusal" 'not supported' "$(cat "$LIB_TMP/fail.out")"
		return
	fi
	expect_match "capabilities" 'hardware-transmit' "$(ethtool -T "$NIC")"
	expect_stamps_apart 100
	plumb lan set wire port 0 metres 110
	wait_until 15 nic_reaches_peer
	expect_stamps_apart 600
	expect_eq "what is stamped" "1 1" "$("$STAMP" get "$NIC")"
	expect_fail "$STAMP" set "$NIC" 2 0	# in one step: no adapter of these
	expect_eq "what is stamped" "1 1" "$("$STAMP" get "$NIC")"
	# A frame that does not leave is given up after a second, so that another has its turn; a second
	# one meanwhile has no stamp.
	plumb lan set wire port 0 stalled on
	for i in 1 2; do
		timeout 3 "$STAMP" send "$NIC" "$PLUMB_PEER" 7777 >"$LIB_TMP/none.$i" 2>&1 &
	done
	sleep 2
	plumb lan set wire port 0 stalled off
	wait
	expect_eq "stamps of what was stuck" "" "$(cat "$LIB_TMP"/none.?)"
	expect_stamps_apart 600
	# nor is one waited for over a stop
	plumb lan set wire port 0 stalled on
	timeout 2 "$STAMP" send "$NIC" "$PLUMB_PEER" 7777 >"$LIB_TMP/none.3" 2>&1 &
	sleep 0.3
	ip link set "$NIC" down
	plumb lan set wire port 0 stalled off
	ip link set "$NIC" up
	wait
	expect_eq "stamps of what was thrown away" "" "$(cat "$LIB_TMP/none.3")"
	wait_until 15 nic_reaches_peer
	expect_stamps_apart 600
	expect_eq "nothing is stamped" "0 0" "$("$STAMP" set "$NIC" 0 0)"
}

# expect_stamps_apart NS
expect_stamps_apart()
{
	local sent got

	peer "$STAMP" receive "$PEER_DEV" 7777 >"$LIB_TMP/stamp" &
	wait_until 10 grep -q ready "$LIB_TMP/stamp"
	sent=$("$STAMP" send "$NIC" "$PLUMB_PEER" 7777)
	wait $!
	got=$(tail -n 1 "$LIB_TMP/stamp")
	expect_eq "ns from end to end" "$1" $((got - sent))
}

# Conversations are let through at once, streams spaced out.
test_moderation_adapts()
{
	nic_up
	if on_model; then
		# Here one processor sends and receives, so that no stream is seen as one; what becomes
		# of it is judged with a clock of its own in selftests/lan/test_moderation.c.
		ethtool -C "$NIC" adaptive-rx on rx-usecs 5000
		ping -q -c 5 -i 0.02 "$PLUMB_PEER"
		expect_match "after a conversation" '^rx-usecs:[[:space:]]+0' "$(ethtool -c "$NIC")"
		return
	fi
	ethtool -C "$NIC" adaptive-rx on
	ping -q -c 5 -i 0.02 "$PLUMB_PEER"
	expect_match "after a conversation" '^rx-usecs:[[:space:]]+0' "$(ethtool -c "$NIC")"
	receive_stream 3000000 7005 &
	pid=$!
	wait_until 20 spaced_out
	wait "$pid"
	ping -q -c 5 -i 0.02 "$PLUMB_PEER"
	expect_match "after a conversation" '^rx-usecs:[[:space:]]+0' "$(ethtool -c "$NIC")"
}

spaced_out() { ethtool -c "$NIC" | grep -qE '^rx-usecs:[[:space:]]+[1-9]'; }

# No more than one interrupt in 5 ms, however many frames come.
test_interrupts_are_spaced_out()
{
	on_model || skip "on QEMU's adapter moderation_adapts judges it"
	nic_up
	ethtool -C "$NIC" adaptive-rx off rx-usecs 5000
	before=$(nic_interrupts) frames=$(nic_stat rx_packets)
	began=${EPOCHREALTIME/./}
	from_peer "$NIC_MAC" 1000 3000
	nic_reaches_peer
	most=$(((${EPOCHREALTIME/./} - began) / 5000 + 5))
	seen=$(($(nic_interrupts) - before))
	frames=$(($(nic_stat rx_packets) - frames))
	expect_ge "frames" 2900 "$frames"
	expect_le "interrupts" "$most" "$seen"
}

test_self_test()
{
	nic_up
	ethtool -t "$NIC" online
	out=$(ethtool -t "$NIC" offline)
	expect_match "verdict" 'result is PASS' "$out"
	for name in register eeprom interrupt loopback link; do
		expect_match "tests" "^$name .*[[:space:]]0\$" "$out"
	done
	wait_until 15 nic_reaches_peer
}

test_message_level()
{
	nic_loaded
	level=$(ethtool "$NIC" | sed -n 's/.*message level: \(0x[0-9a-f]*\).*/\1/p')
	defer ethtool -s "$NIC" msglvl "$((level))"
	ethtool -s "$NIC" msglvl 0x3f
	expect_match "level" '0x0000003f' "$(ethtool "$NIC")"
}

test_identify()
{
	nic_up
	ethtool -p "$NIC" 1
	nic_reaches_peer
}

carrier_went() { [ "$(cat "/sys/class/net/$NIC/carrier_down_count")" -gt "$1" ]; }

test_mii_registers()
{
	command -v mii-tool >/dev/null || skip "no mii-tool"
	nic_up
	expect_match "mii-tool" 'link ok' "$(mii-tool "$NIC")"
	# Writing: the negotiation begins anew, which QEMU's adapter does without an interrupt.
	before=$(cat "/sys/class/net/$NIC/carrier_down_count")
	mii-tool -r "$NIC"
	! on_model || wait_until 10 carrier_went "$before"
	wait_until 15 nic_reaches_peer
}

run_tests "$@"
