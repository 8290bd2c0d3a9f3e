#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What ethtool(8) shows and sets.
# timeout: 240
# shellcheck source=selftests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=selftests/driver/nic.sh
. "$(dirname "$0")/nic.sh"

test_driver_information()
{
	nic_loaded
	info=$(ethtool -i "$NIC")
	expect_match "driver" '^driver: plumb_nic$' "$info"
	expect_match "bus" "^bus-info: $(nic_pci)\$" "$info"
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
	(send_stream 1500000 7901) &
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
		send_stream 150000 $((8000 + size % 97))
		receive_stream 150000 $((8100 + size % 97))
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
	receive_stream 200000
	send_stream 200000
	expect_fail ethtool -C "$NIC" rx-usecs 10001
	expect_fail ethtool -C "$NIC" rx-frames 5
	ethtool -C "$NIC" adaptive-rx on
	receive_stream 200000 7003
	nic_reaches_peer
}

# A ring of frames cannot be late for longer than the spacing asked for.
test_moderation_spaces_interrupts()
{
	local irqs rate

	nic_up
	ethtool -C "$NIC" adaptive-rx off rx-usecs 5000
	irqs=$(interrupts)
	peer timeout 20 ping -q -f -w 3 -s 64 "$PLUMB_ADDR" >/dev/null || true
	rate=$((($(interrupts) - irqs) / 3))
	expect_le "interrupts a second at 5 ms spacing" 300 "$rate"
}

interrupts()
{
	awk -v dev="$NIC" '$NF == dev { for (i = 2; $i ~ /^[0-9]+$/; i++) n += $i } END { print n + 0 }' \
		/proc/interrupts
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

test_self_test()
{
	nic_up
	ethtool -t "$NIC" online
	out=$(ethtool -t "$NIC" offline)
	expect_match "verdict" 'result is PASS' "$out"
	for name in register eeprom interrupt link; do
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

test_mii_registers()
{
	command -v mii-tool >/dev/null || skip "no mii-tool"
	nic_up
	expect_match "mii-tool" 'link ok' "$(mii-tool "$NIC")"
}

run_tests "$@"
