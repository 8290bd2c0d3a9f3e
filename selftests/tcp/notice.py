#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What the error queue of a stream socket tells, and when octets came: one line a finding, the same
on both stacks.

	notice.py zerocopy|fastopen|stamps|received
"""
import errno
import select
import socket
import struct
import sys
import threading
import time

SO_ZEROCOPY, SO_TIMESTAMPING, MSG_ZEROCOPY = 60, 37, 0x4000000
MSG_ERRQUEUE, SOL_IP, IP_RECVERR = 0x2000, 0, 11
TX_SOFTWARE, RX_SOFTWARE, SOFTWARE = 1 << 1, 1 << 3, 1 << 4
OPT_ID, TX_SCHED, TX_ACK, OPT_TSONLY, OPT_ID_TCP = 1 << 7, 1 << 8, 1 << 9, 1 << 11, 1 << 16
ORIGIN_TIMESTAMPING, ORIGIN_ZEROCOPY = 4, 5


def pair():
	listening = socket.socket()
	listening.bind(("127.0.0.1", 0))
	listening.listen()
	client = socket.create_connection(listening.getsockname())
	return client, listening.accept()[0]


def refused(s, option, value):
	try:
		s.setsockopt(socket.SOL_SOCKET, option, value)
	except OSError as e:
		return errno.errorcode[e.errno]
	return "taken"


def notices(s, enough):
	"""(origin, info, data, code, has a time) until enough() or two seconds of silence."""
	seen = []
	poller = select.poll()
	poller.register(s, 0)
	while not enough(seen) and poller.poll(2000):
		_, controls, _, _ = s.recvmsg(0, 512, MSG_ERRQUEUE)
		time = any(c[0] == socket.SOL_SOCKET and c[1] == SO_TIMESTAMPING for c in controls)
		for level, kind, data in controls:
			if (level, kind) == (SOL_IP, IP_RECVERR):
				_, origin, _, code, _, info, value = struct.unpack_from("IBBBBII", data)
				seen.append((origin, info, value, code, time))
	return seen


def zerocopy():
	print("without a connection:", refused(socket.socket(), SO_ZEROCOPY, 1))
	client, child = pair()
	print("a value of 2:", refused(client, SO_ZEROCOPY, 2))
	print("a value of 1:", refused(client, SO_ZEROCOPY, 1),
	      client.getsockopt(socket.SOL_SOCKET, SO_ZEROCOPY))
	got = []
	block = bytes(range(250)) * 400

	def read():
		while sum(map(len, got)) < 3 * len(block):
			got.append(child.recv(1 << 20))

	reader = threading.Thread(target=read)
	reader.start()
	for _ in range(3):
		n = client.send(block, MSG_ZEROCOPY)
		while n < len(block):
			n += client.send(block[n:])
	reader.join()
	print("octets as sent:", b"".join(got) == block * 3)
	seen = notices(client, lambda s: sum(hi - lo + 1 for _, lo, hi, _, _ in s) >= 3)
	print("calls told of:", sorted(i for _, lo, hi, _, _ in seen for i in range(lo, hi + 1)))
	print("origin:", {o for o, _, _, _, _ in seen} == {ORIGIN_ZEROCOPY},
	      "copied by the loopback:", {c for _, _, _, c, _ in seen} == {1})
	client.shutdown(socket.SHUT_WR)
	try:
		client.send(block, MSG_ZEROCOPY)
	except OSError as e:
		print("after the end:", errno.errorcode[e.errno], notices(client, lambda s: True))


def fastopen():
	listening = socket.socket()
	listening.bind(("127.0.0.1", 0))
	listening.setsockopt(socket.IPPROTO_TCP, 23, 5)	# TCP_FASTOPEN
	listening.listen()
	client = socket.socket()
	client.setsockopt(socket.SOL_SOCKET, SO_ZEROCOPY, 1)
	print("octets:", client.sendto(bytes(500), socket.MSG_FASTOPEN | MSG_ZEROCOPY,
				       listening.getsockname()))
	child = listening.accept()[0]
	print("of them in the SYN:", len(child.recv(1000)),
	      bool(client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)[5] & 32))
	print("told:", notices(client, lambda s: len(s) >= 1))


def stamps():
	flags = TX_SOFTWARE | TX_SCHED | TX_ACK | SOFTWARE | OPT_ID | OPT_TSONLY
	print("octets counted without a connection:", refused(socket.socket(), SO_TIMESTAMPING, flags))
	for extra, name in ((0, "from the oldest"), (OPT_ID_TCP, "from the next")):
		client, child = pair()
		print(name, refused(client, SO_TIMESTAMPING, flags | extra))
		for size in (1000, 500, 1):
			client.send(bytes(size))
			child.recv(size, socket.MSG_WAITALL)
			seen = notices(client, lambda s: len(s) >= 3)
			print(size, sorted((o == ORIGIN_TIMESTAMPING, i, d, t) for o, i, d, _, t in seen))


def received():
	client, child = pair()
	child.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, RX_SOFTWARE | SOFTWARE)
	# SO_TIMESTAMP, SO_TIMESTAMPNS; and with times of 64 bits: those, SO_TIMESTAMPING
	for option, value in ((None, 0), (29, 1), (35, 1), (63, 1), (64, 1), (65, RX_SOFTWARE | SOFTWARE)):
		if option:
			child.setsockopt(socket.SOL_SOCKET, option, value)
		end = time.monotonic() + 5	# stamping of packets begins when a worker has run
		while True:
			client.send(b"x")
			_, controls, _, _ = child.recvmsg(1, 512)
			if controls or time.monotonic() > end:
				break
		print([(level, kind, len(data)) for level, kind, data in controls])


{"zerocopy": zerocopy, "fastopen": fastopen, "stamps": stamps, "received": received}[sys.argv[1]]()
