#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""One socket's congestion control, as a program sees it.

	cc.py name			TCP_CONGESTION of a new socket, of one that it accepts
	cc.py choose NAME		sets it, says what came of it, the listener's way and the child's
	cc.py move NAME OCTETS		a transfer to itself with it; then TCP_CC_INFO as words
	cc.py serve PORT NAME		takes what comes at that port until it ends
	cc.py send ADDR PORT NAME OCTETS	sends; then name, TCP_CC_INFO, delivered, delivered_ce
	cc.py ecn_serve PORT		as serve, with the default; then the options of TCP_INFO
	cc.py ecn_send ADDR PORT OCTETS	sends; then the options, slow start's threshold, delivered, delivered_ce
	cc.py hold NAME			opens a socket with it, and waits for a signal
"""
import errno
import signal
import socket
import struct
import sys
import threading

TCP_CONGESTION, TCP_CC_INFO, TCP_INFO = 13, 26, 11


def fresh(name=None):
	s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
	s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
	if name:
		s.setsockopt(socket.SOL_TCP, TCP_CONGESTION, name.encode())
	return s


def name_of(s):
	return s.getsockopt(socket.SOL_TCP, TCP_CONGESTION, 16).split(b"\0")[0].decode()


def cc_info(s):
	raw = s.getsockopt(socket.SOL_TCP, TCP_CC_INFO, 64)
	return raw


def info_of(s):
	return s.getsockopt(socket.SOL_TCP, TCP_INFO, 248)


def pair(listening):
	listening.bind(("127.0.0.1", 0))
	listening.listen()
	client = fresh()
	client.connect(listening.getsockname())
	return client, listening.accept()[0]


def drain(s):
	while s.recv(1 << 20):
		pass


def push(s, octets):
	block = bytes(1 << 16)
	while octets > 0:
		octets -= s.send(block[:octets])


def main(what, *args):
	if what == "name":
		listening = fresh()
		client, child = pair(listening)
		print(name_of(client), name_of(child))
	elif what == "choose":
		try:
			listening = fresh(args[0])
		except OSError as e:
			print(errno.errorcode[e.errno])
			return
		_, child = pair(listening)
		print(name_of(listening), name_of(child))
	elif what == "move":
		client, child = pair(fresh())
		client.setsockopt(socket.SOL_TCP, TCP_CONGESTION, args[0].encode())
		reader = threading.Thread(target=drain, args=(child,))
		reader.start()
		push(client, int(args[1]))
		raw = cc_info(client)
		print(name_of(client), *struct.unpack(f"{len(raw) // 4}I", raw))
		client.shutdown(socket.SHUT_WR)
		reader.join()
	elif what == "serve":
		listening = fresh(args[1])
		listening.bind(("0.0.0.0", int(args[0])))
		listening.listen()
		drain(listening.accept()[0])
	elif what == "send":
		s = fresh(args[2])
		s.connect((args[0], int(args[1])))
		push(s, int(args[3]))
		print(name_of(s), *struct.unpack("HHIII", cc_info(s)), *struct.unpack_from("II", info_of(s), 192))
	elif what == "ecn_serve":
		listening = fresh()
		listening.bind(("0.0.0.0", int(args[0])))
		listening.listen()
		s = listening.accept()[0]
		drain(s)
		print(info_of(s)[5])
	elif what == "ecn_send":
		s = fresh()
		s.connect((args[0], int(args[1])))
		push(s, int(args[2]))
		info = info_of(s)
		print(info[5], *struct.unpack_from("I", info, 76), *struct.unpack_from("II", info, 192))
	elif what == "hold":
		s = fresh(args[0])
		print("held", flush=True)
		signal.pause()
		s.close()


main(*sys.argv[1:])
