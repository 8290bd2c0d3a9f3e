#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Connections for routes.sh, and what their ends know of each other.

routes.py serve PORT		of each connection: the MSS and the window of its SYN, and what show() tells
routes.py talk ADDRESS PORT	what show() tells of a connection to there
"""
import socket
import struct
import sys

TCP_CONGESTION, TCP_SAVE_SYN, TCP_SAVED_SYN = 13, 27, 28


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


globals()[sys.argv[1]](*sys.argv[2:])
