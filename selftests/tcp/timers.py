#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Connections for timers.sh.

timers.py keep ADDRESS PORT [USER_TIMEOUT]	probes each second, two in vain; prints "open", then how and after
						how many seconds it ended
timers.py paced ADDRESS PORT OCTETS RATE [ALGORITHM]	prints after how many seconds all is acknowledged;
						ALGORITHM: chosen when something was sent
timers.py paced_server PORT OCTETS RATE		the same of the first who comes to such a listener
timers.py deaf PORT				accepts nobody; small windows
timers.py flight ADDRESS PORT USER_TIMEOUT	writes when a line comes; prints "open", then how it ended
						and if that was in time
timers.py shut ADDRESS PORT USER_TIMEOUT	the same, but fills the window, and says "open" then
timers.py busy ADDRESS PORT			probes each second, one in vain; writes when a line comes;
						prints "open", then "acknowledged"
"""
import fcntl
import select
import socket
import struct
import sys
import time

SO_MAX_PACING_RATE, TCP_CONGESTION, TCP_USER_TIMEOUT, SIOCOUTQ = 47, 13, 18, 0x5411


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


def unacked(s):
	return struct.unpack("i", fcntl.ioctl(s, SIOCOUTQ, bytes(4)))[0]


def send(s, octets):
	begin = time.monotonic()
	s.sendall(bytes(int(octets)))
	while unacked(s):
		time.sleep(0.01)
	print("%.2f" % (time.monotonic() - begin))


def paced(address, port, octets, rate, algorithm=None):
	s = socket.create_connection((address, int(port)))
	s.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, struct.pack("Q", int(rate)))
	if algorithm:
		s.send(b"x")
		s.setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, algorithm.encode())
	send(s, octets)


def paced_server(port, octets, rate):
	rate = struct.pack("Q", int(rate))
	with socket.create_server(("", int(port))) as listener:
		listener.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, rate)
		send(listener.accept()[0], octets)


def deaf(port):
	with socket.socket() as listener:
		listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
		listener.bind(("", int(port)))
		listener.listen(8)
		time.sleep(1000)


def ended(s, least):
	begin = time.monotonic()
	try:
		print("text", s.recv(100))
	except OSError as error:
		late = time.monotonic() - begin >= least
		print("errno", error.errno, "in time" if late else "too soon")


def flight(address, port, user_timeout):
	s = socket.create_connection((address, int(port)))
	s.setsockopt(socket.IPPROTO_TCP, TCP_USER_TIMEOUT, int(user_timeout))
	print("open", flush=True)
	sys.stdin.readline()
	s.send(b"text")
	ended(s, int(user_timeout) / 1000)


def shut(address, port, user_timeout):
	s = socket.create_connection((address, int(port)))
	s.setsockopt(socket.IPPROTO_TCP, TCP_USER_TIMEOUT, int(user_timeout))
	s.setblocking(False)
	while select.select([], [s], [], 0.3)[1]:
		s.send(bytes(65536))
	s.setblocking(True)
	print("open", flush=True)
	ended(s, (int(user_timeout) - 1000) / 1000)


def busy(address, port):
	s = socket.create_connection((address, int(port)))
	s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
	for option in socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT:
		s.setsockopt(socket.IPPROTO_TCP, option, 1)
	print("open", flush=True)
	sys.stdin.readline()
	s.send(b"text")
	while unacked(s):
		time.sleep(0.01)
	print("acknowledged", flush=True)
	ended(s, 0)


globals()[sys.argv[1]](*sys.argv[2:])
