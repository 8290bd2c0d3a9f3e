#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Connections for metrics.sh.

metrics.py serve PORT [report]		reads each connection to its end, then closes it; report: prints of
					each what talk prints first
metrics.py talk ADDRESS PORT [OCTETS]	prints TCP_INFO's rto (ms) and ssthresh after the handshake, and
					again when OCTETS were sent and acknowledged; closes
metrics.py reset ADDRESS PORT		ends by a RST
metrics.py many FIRST N PORT		one after the other to N addresses from FIRST on
"""
import fcntl
import ipaddress
import socket
import struct
import sys
import time


def info(s):
	data = s.getsockopt(socket.SOL_TCP, socket.TCP_INFO, 104)
	rto, ssthresh = (struct.unpack_from("I", data, at)[0] for at in (8, 76))
	print(rto // 1000, ssthresh, flush=True)


def unacked(s):	# SIOCOUTQ
	return struct.unpack("i", fcntl.ioctl(s, 0x5411, bytes(4)))[0]


def end(s):
	s.shutdown(socket.SHUT_WR)
	while s.recv(65536):
		pass
	s.close()


def serve(port, report=None):
	with socket.create_server(("", int(port)), backlog=100) as listener:
		while True:
			s = listener.accept()[0]
			if report:
				info(s)
			while s.recv(65536):
				pass
			s.close()


def talk(address, port, octets=0):
	s = socket.create_connection((address, int(port)))
	info(s)
	s.sendall(b"x" * int(octets))
	while unacked(s):
		time.sleep(0.01)
	info(s)
	end(s)


def reset(address, port):
	s = socket.create_connection((address, int(port)))
	s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
	s.close()


def many(first, n, port):
	for i in range(int(n)):
		end(socket.create_connection((str(ipaddress.ip_address(first) + i), int(port))))


globals()[sys.argv[1]](*sys.argv[2:])
