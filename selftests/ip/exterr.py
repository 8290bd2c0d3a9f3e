#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""ICMP errors with extensions (RFC 4884), for icmp.sh.

exterr.py answer PORT			a router's errors about each datagram that comes, of the kind that its first octet names
exterr.py ask FROM TO PORT		a datagram of each kind; what the error queue says of it
"""
import socket
import struct
import sys

from frames import csum

IP_RECVERR, IP_RECVERR_RFC4884 = 11, 26
OBJECT = struct.pack("!HBBI", 8, 1, 1, 0x00010140)	# RFC 4950: a label stack


def extension(objects, version=2, off=0):
	head = struct.pack("!BBH", version << 4, 0, 0) + objects
	return head[:2] + struct.pack("!H", csum(head) ^ off) + head[4:]


# (octets quoted, of which the header tells, type, the extension)
KINDS = [
	(128, 128, 3, extension(OBJECT)),
	(160, 160, 3, extension(OBJECT + OBJECT)),
	(128, 128, 11, extension(OBJECT)),
	(128, 128, 3, extension(OBJECT, off=1)),
	(128, 128, 3, extension(struct.pack("!HBB", 3, 1, 1))),
	(128, 128, 3, extension(struct.pack("!HBB", 20, 1, 1))),
	(128, 128, 3, extension(OBJECT + b"\0\0")),
	(128, 128, 3, extension(OBJECT, version=1)),
	(128, 128, 3, b""),
	(128, 128, 3, b"\x20\0"),
	(128, 0, 3, extension(OBJECT)),
	(120, 120, 3, extension(OBJECT)),
	(128, 140, 3, extension(OBJECT)),
	(128, 128, 3, struct.pack("!BBH", 0x20, 0, 0) + OBJECT),
]


def answer(port):
	udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	udp.setsockopt(socket.IPPROTO_IP, 8, 1)	# IP_PKTINFO
	udp.bind(("", int(port)))
	raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
	print("ready", flush=True)
	while True:
		data, anc, _, peer = udp.recvmsg(2000, 100)
		quoted, told, kind, ext = KINDS[data[0]]
		here = anc[0][2][8:12]
		ip = struct.pack("!BBHHHBBH", 0x45, 0, 28 + len(data), 0, 0x4000, 64, 17, 0) + socket.inet_aton(peer[0]) + here
		ip = ip[:10] + struct.pack("!H", csum(ip)) + ip[12:]
		datagram = ip + struct.pack("!HHHH", peer[1], int(port), 8 + len(data), 0) + data
		icmp = struct.pack("!BBHBBH", kind, 1 if kind == 3 else 0, 0, 0, told // 4, 0) + datagram[:quoted] + ext
		raw.sendto(icmp[:2] + struct.pack("!H", csum(icmp)) + icmp[4:], (peer[0], 0))


def ask(here, there, port):
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind((here, 0))
	s.settimeout(10)
	for option in IP_RECVERR, IP_RECVERR_RFC4884:
		s.setsockopt(socket.IPPROTO_IP, option, 1)
	for i in range(len(KINDS)):
		s.sendto(bytes([i]) + bytes(range(200)), (there, int(port)))
		try:
			s.recv(10)
		except OSError:
			pass
		data, anc, _, _ = s.recvmsg(2000, 200, socket.MSG_ERRQUEUE)
		errno, origin, kind, code, _, _, at, flags, _ = struct.unpack_from("IBBBBIHBB", anc[0][2])
		print(i, errno, origin, kind, code, "at", at, "flags", flags, data[at:at + 4].hex(), len(data))


globals()[sys.argv[1]](*sys.argv[2:])
