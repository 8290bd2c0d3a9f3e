#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Connections for routes.sh, and what their ends know of each other.

routes.py serve PORT		of each connection: the MSS and the window of its SYN, and what show() tells
routes.py talk ADDRESS PORT	what show() tells of a connection to there
routes.py heard ADDRESS PORT	the window that a new connection is offered, and its scale
routes.py ask PORT		asks the first who comes ten times, then tells him three things
routes.py answer ADDRESS PORT	answers ten times, then listens
routes.py fill PORT		sends a part for each octet it gets; prints the window after it
routes.py clamp ADDRESS PORT SIZE...	prints each TCP_WINDOW_CLAMP as it is kept, and takes a part; 1, 0
routes.py maxseg ADDRESS PORT SIZE	TCP_MAXSEG before, of a new connection, and set on that
"""
import fcntl
import socket
import struct
import sys

TCP_MAXSEG, TCP_WINDOW_CLAMP, TCP_CONGESTION, TCP_SAVE_SYN, TCP_SAVED_SYN = 2, 10, 13, 27, 28
PART = 300000


def show(s):
	"""MSS that is announced, and heard; first cwnd; is the time-out a long one? algorithm."""
	info = s.getsockopt(socket.SOL_TCP, socket.TCP_INFO, 104)
	rto, snd_mss = struct.unpack_from("I", info, 8)[0], struct.unpack_from("I", info, 16)[0]
	cwnd, advmss = struct.unpack_from("II", info, 80)
	name = s.getsockopt(socket.SOL_TCP, TCP_CONGESTION, 16).split(b"\0")[0].decode()
	return f"advmss {advmss} mss {snd_mss} cwnd {cwnd} slow {rto >= 900000} {name}"


def of_syn(syn):
	head = syn[(syn[0] & 15) * 4:]
	kind, length, mss = struct.unpack_from("!BBH", head, 20)
	assert (kind, length) == (2, 4)
	return f"SYN mss {mss} window {struct.unpack_from('!H', head, 14)[0]}"


def serve(port):
	with socket.create_server(("", int(port))) as listener:
		listener.setsockopt(socket.SOL_TCP, TCP_SAVE_SYN, 1)
		while True:
			s = listener.accept()[0]
			print(of_syn(s.getsockopt(socket.SOL_TCP, TCP_SAVED_SYN, 512)), show(s), flush=True)
			s.close()


def talk(address, port):
	with socket.create_connection((address, int(port))) as s:
		print(show(s))
		s.recv(1)


def tcp_info(s):
	return s.getsockopt(socket.SOL_TCP, socket.TCP_INFO, 232)


def offered(s):
	return struct.unpack_from("I", tcp_info(s), 228)[0]


def heard(address, port):
	with socket.create_connection((address, int(port))) as s:
		print(offered(s), tcp_info(s)[6] & 15)


def ask(port):
	with socket.create_server(("", int(port))) as listener:
		s = listener.accept()[0]
	for _ in range(10):
		s.send(b"q")
		assert s.recv(1)
	for _ in range(3):
		s.send(b"told")
		while struct.unpack("i", fcntl.ioctl(s, 0x5411, bytes(4)))[0]:	# SIOCOUTQ
			pass


def answer(address, port):
	with socket.create_connection((address, int(port))) as s:
		for _ in range(10):
			assert s.recv(1)
			s.send(b"a")
		while s.recv(100):
			pass


def fill(port):
	with socket.create_server(("", int(port))) as listener:
		s = listener.accept()[0]
	while s.recv(1):
		s.sendall(bytes(PART))
		s.recv(1)
		print(offered(s), flush=True)


def clamp(address, port, *sizes):
	with socket.create_connection((address, int(port))) as s:
		for size in sizes:
			s.setsockopt(socket.SOL_TCP, TCP_WINDOW_CLAMP, int(size))
			print(s.getsockopt(socket.SOL_TCP, TCP_WINDOW_CLAMP))
			s.send(b"x")
			left = PART
			while left:
				left -= len(s.recv(left))
			s.send(b"x")
		for size in 1, 0:
			try:
				s.setsockopt(socket.SOL_TCP, TCP_WINDOW_CLAMP, size)
				print(s.getsockopt(socket.SOL_TCP, TCP_WINDOW_CLAMP))
			except OSError as error:
				print("errno", error.errno)


def maxseg(address, port, size):
	def sizes():
		snd_mss = struct.unpack_from("I", tcp_info(s), 16)[0]
		print(s.getsockopt(socket.SOL_TCP, TCP_MAXSEG), snd_mss)

	s = socket.socket()
	print(s.getsockopt(socket.SOL_TCP, TCP_MAXSEG))
	s.connect((address, int(port)))
	sizes()
	s.setsockopt(socket.SOL_TCP, TCP_MAXSEG, int(size))
	sizes()
	s.sendall(bytes(20000))
	sizes()


globals()[sys.argv[1]](*sys.argv[2:])
