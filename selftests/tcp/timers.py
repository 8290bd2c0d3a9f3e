#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Connections for timers.sh.

timers.py keep ADDRESS PORT [USER_TIMEOUT]	probes each second, two in vain; prints "open", then how and after
						how many seconds it ended
timers.py paced ADDRESS PORT OCTETS RATE	prints after how many seconds all is acknowledged
"""
import fcntl
import socket
import struct
import sys
import time

SO_MAX_PACING_RATE, TCP_USER_TIMEOUT, SIOCOUTQ = 47, 18, 0x5411


def keep(address, port, user_timeout=0):
	s = socket.create_connection((address, int(port)))
	s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
	for option, value in ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1), (socket.TCP_KEEPCNT, 2),
			      (TCP_USER_TIMEOUT, int(user_timeout))):
		s.setsockopt(socket.IPPROTO_TCP, option, value)
	print("open", flush=True)
	try:
		print("text", s.recv(100).decode(), flush=True)
		begin = time.monotonic()
		s.recv(100)
		print("end")
	except OSError as error:
		print("errno", error.errno, "after", int(time.monotonic() - begin))


def paced(address, port, octets, rate):
	s = socket.create_connection((address, int(port)))
	s.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, struct.pack("Q", int(rate)))
	begin = time.monotonic()
	s.sendall(bytes(int(octets)))
	while struct.unpack("i", fcntl.ioctl(s, SIOCOUTQ, bytes(4)))[0]:
		time.sleep(0.01)
	print("%.2f" % (time.monotonic() - begin))


globals()[sys.argv[1]](*sys.argv[2:])
