#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the device says about segmentation offload is kept to: gso_max_segs and gso_max_size.
#
#	A eth0 10.0.0.1 Plumb ---- eth0 10.0.0.2 B Linux
#
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

BENCH=$LIB_TOP/build/selftests/bench/plumb_bench

# largest: the most octets of text in one packet of a transfer from A.
largest()
{
	capture A eth0 "$LIB_TMP/pcap" src host 10.0.0.1
	on A "$BENCH" bulk-out --family plumb --bytes 4M --addr 10.0.0.2 >/dev/null
	stop_capture
	tcpdump -nr "$LIB_TMP/pcap" 2>/dev/null | sed -n 's/.*, length \([0-9]*\).*/\1/p' | sort -n | tail -n 1
}

test_bounds_of_what_is_sent_at_once()
{
	host A B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
	background B "$BENCH" server --addr 10.0.0.2
	wait_listen B 7700
	expect_ge "without a bound" 20000 "$(largest)"
	ip -n "$(netns A)" link set eth0 gso_max_segs 4
	expect_eq "four segments" $((4 * 1448)) "$(largest)"
	ip -n "$(netns A)" link set eth0 gso_max_segs 65535 gso_max_size 8000
	expect_eq "8000 octets" $((5 * 1448)) "$(largest)"
}

# A tun device says how long each segment of a large one is, not how many there are.
test_segments_of_a_tun_device_are_counted()
{
	modprobe tun || true
	[ -c /dev/net/tun ] || skip "no /dev/net/tun in this kernel"
	host A
	on A ip tuntap add dev t0 mode tun vnet_hdr
	plumb_addr A 10.8.0.1/24 t0
	on_plumb A python3 - <<-'PY'
		import fcntl, os, socket, struct
		tun = os.open("/dev/net/tun", os.O_RDWR)
		fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH22x", b"t0", 0x5001))
		addresses = socket.inet_aton("10.8.0.9") + socket.inet_aton("10.8.0.1")
		def csum(d):
		    t = sum(struct.unpack(f"!{len(d) // 2}H", d))
		    while t >> 16:
		        t = (t & 0xFFFF) + (t >> 16)
		    return t
		def put(flags, seq, ack, text=b"", gso_size=0):
		    n = 20 + len(text)
		    h = struct.pack("!BBHHHBBH", 0x45, 0, 20 + n, 1, 0x4000, 64, 6, 0) + addresses
		    h = h[:10] + struct.pack("!H", ~csum(h) & 0xFFFF) + h[12:]
		    pseudo = csum(addresses + struct.pack("!HH", 6, n))
		    t = struct.pack("!HHIIBBHHH", 7000, 9000, seq, ack, 0x50, flags, 50000, pseudo, 0)
		    os.write(tun, struct.pack("<BBHHHH", 1, gso_size > 0, 40, gso_size, 20, 16) + h + t + text)
		l = socket.create_server(("10.8.0.1", 9000))
		l.settimeout(10)
		put(2, 999, 0)
		while True:
		    p = os.read(tun, 2000)[10:]
		    if p[0] == 0x45 and p[9] == 6 and p[33] == 0x12:
		        break
		ack = struct.unpack_from("!I", p, 24)[0] + 1
		put(0x10, 1000, ack)
		s = l.accept()[0]
		text = bytes(i * 7 & 0xFF for i in range(2500))
		put(0x18, 1000, ack, text, 1000)
		assert s.recv(5000) == text
		data_segs_in = struct.unpack_from("I", s.getsockopt(socket.SOL_TCP, socket.TCP_INFO, 192), 152)[0]
		assert data_segs_in == 3, data_segs_in
	PY
}

run_tests "$@"
