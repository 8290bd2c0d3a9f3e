#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A load for hub.sh: each station sends to the next over many TCP connections, all at once.

	plumb run load.py MEDIUM CONNECTIONS OCTETS NAMESPACE_OF_MEDIUM NAMESPACE_OF_STATION...

Station i, on port i - 1 of the medium, has the address 10.0.0.i. How the stations meet on the wire must not be
a question of how fast a processor is. So the adapters are stalled until their rings hold the first window of
all connections; what is sent later, answers first of all, is held back (tc-plug); then all adapters are let go
at once. When the rings are through, all that was counted of them is printed as JSON, a row a station. Then what
was held back is let go; each stream must arrive, with the sha256 that it had.
"""
import ctypes
import fcntl
import hashlib
import json
import os
import random
import select
import socket
import struct
import subprocess
import sys
import time

MSS = 1448
NLMSG_ERROR, NLMSG_DONE, RTM_NEWQDISC, RTM_GETQDISC = 2, 3, 36, 38
NLM_F_REQUEST, NLM_F_ACK, NLM_F_REPLACE, NLM_F_DUMP, NLM_F_CREATE = 1, 4, 0x100, 0x300, 0x400
TCA_KIND, TCA_OPTIONS, TCA_STATS = 1, 2, 3
TCQ_PLUG_RELEASE_INDEFINITE = 2
TC_H_ROOT = 0xFFFFFFFF
TC_STATS_QLEN = 28		# in struct tc_stats
SIOCOUTQNSD = 0x894B
LIMIT = 60 * int(os.environ.get("LIB_PART", 1))	# seconds for everything
LIBC = ctypes.CDLL(None, use_errno=True)
ENV = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}


def enter(name):
	with open("/run/netns/" + name, encoding="ascii") as f:
		if LIBC.setns(f.fileno(), 0):
			raise OSError(ctypes.get_errno(), "setns " + name)


def run(*command):
	return subprocess.run(command, env=ENV, check=True, text=True, stdout=subprocess.PIPE).stdout


def connect(names, connections):
	"""[(sender, receiver)] of each connection, established."""
	pairs = []
	for i, name in enumerate(names):
		to = (i + 1) % len(names)
		enter(names[to])
		listener = socket.create_server(("10.0.0.%d" % (to + 1), 5000 + i), backlog=connections)
		enter(name)
		out = [socket.create_connection(listener.getsockname(), LIMIT) for _ in range(connections)]
		got = [listener.accept()[0] for _ in range(connections)]
		peer = {s.getpeername(): s for s in got}
		pairs += [(s, peer[s.getsockname()]) for s in out]
	for pair in pairs:
		for s in pair:
			s.setblocking(False)
	return pairs


def wait(end, what, condition):
	while not condition():
		if time.monotonic() > end:
			sys.exit("waited in vain for the " + what)
		time.sleep(0.02)


class Medium:
	def __init__(self, name, n):
		self.name, self.n = name, n

	def stall(self, how):
		run("plumb", "lan", "set", self.name, "port", "all", "stalled", how)

	def ports(self):
		return json.loads(run("plumb", "-j", "lan", "port", "show", self.name))[:self.n]

	def traffic(self):
		"""The same, without what the driver's looking at its adapter now and then counts."""
		return [{k: p[k] for k in p if not k.startswith("register_")} for p in self.ports()]


class Queue:
	"""The queueing discipline of a station's device, by rtnetlink: programs would take so long on a slow kernel
	that the driver has its stalled adapter for a hung one, and resets it."""
	def __init__(self, name):
		enter(name)
		self.index = socket.if_nametoindex("eth0")
		self.netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)	# NETLINK_ROUTE

	def ask(self, kind, flags, attributes=b""):
		"""The answers to a message about eth0's root, to the last."""
		tcm = struct.pack("=BxxxiIII", 0, self.index, 0, TC_H_ROOT, 0)
		self.netlink.send(struct.pack("=IHHII", 16 + len(tcm + attributes), kind, flags, 1, 0) + tcm + attributes)
		answers = []
		while True:
			data = self.netlink.recv(1 << 16)
			while data:
				length, what = struct.unpack_from("=IH", data)
				if what == NLMSG_ERROR:
					error = struct.unpack_from("=i", data, 16)[0]
					if error:
						raise OSError(-error, "qdisc of " + str(self.index))
				if what in (NLMSG_ERROR, NLMSG_DONE):
					return answers
				answers.append(data[16:length])
				data = data[length + 3 & ~3:]

	def plug(self, flags, options=b""):
		self.ask(RTM_NEWQDISC, NLM_F_REQUEST | NLM_F_ACK | flags, struct.pack("=HH8s", 12, TCA_KIND, b"plug") + options)

	def hold(self):
		"""What comes from now on waits, as much as the device's queue may hold."""
		self.plug(NLM_F_CREATE | NLM_F_REPLACE)

	def release(self):
		"""struct tc_plug_qopt: action, limit."""
		self.plug(0, struct.pack("=HHiI", 12, TCA_OPTIONS, TCQ_PLUG_RELEASE_INDEFINITE, 0))

	def length(self):
		"""Packets that the device has not taken."""
		packets = 0
		for answer in self.ask(RTM_GETQDISC, NLM_F_REQUEST | NLM_F_DUMP):
			index, at = struct.unpack_from("=i", answer, 4)[0], 20
			while index == self.index and at < len(answer):
				length, what = struct.unpack_from("=HH", answer, at)
				if what == TCA_STATS:
					packets += struct.unpack_from("=I", answer, at + 4 + TC_STATS_QLEN)[0]
				at += length + 3 & ~3
		return packets


class Streams:
	"""What goes over the connections."""
	def __init__(self, pairs, octets):
		self.data = random.randbytes(octets)
		self.left = {s: octets for s, _ in pairs}
		self.sum = {r: hashlib.sha256() for _, r in pairs}
		self.count = {r: 0 for _, r in pairs}
		self.poll = select.poll()
		self.by_fd = {s.fileno(): s for pair in pairs for s in pair}
		for s in self.left:
			self.poll.register(s, select.POLLOUT)
		for r in self.sum:
			self.poll.register(r, select.POLLIN)

	def go_on(self, ms):
		"""What can be sent and received now."""
		for fd, _ in self.poll.poll(ms):
			s = self.by_fd[fd]
			if s in self.left:
				self.left[s] -= s.send(self.data[-self.left[s]:])
				if not self.left[s]:
					self.poll.unregister(s)
			else:
				got = s.recv(1 << 16)
				self.sum[s].update(got)
				self.count[s] += len(got)
				if self.count[s] == len(self.data):
					self.poll.unregister(s)
				elif not got:
					sys.exit("a stream has ended too early")

	def sent(self):
		"""Everything, as far as TCP is concerned."""
		return not any(self.left.values()) and not any(
			struct.unpack("i", fcntl.ioctl(s, SIOCOUTQNSD, bytes(4)))[0] for s in self.left)

	def arrived(self):
		return all(n == len(self.data) for n in self.count.values())

	def intact(self):
		want = hashlib.sha256(self.data).digest()
		return all(s.digest() == want for s in self.sum.values())


def main():
	name, connections, octets, owner, *names = sys.argv[1:]
	connections, octets = int(connections), int(octets)
	medium = Medium(name, len(names))
	end = time.monotonic() + LIMIT
	streams = Streams(connect(names, connections), octets)
	queues = [Queue(n) for n in names]
	enter(owner)
	frames = -1
	while (now := sum(p["tx_frames"] for p in medium.ports())) != frames:
		frames = now
		time.sleep(0.1)

	medium.stall("on")
	while not streams.sent():
		if time.monotonic() > end:
			sys.exit("TCP does not send all")
		streams.go_on(20)
	wait(end, "rings to fill", lambda: not any(q.length() for q in queues))
	for q in queues:
		q.hold()
	before = medium.traffic()
	medium.stall("off")
	after = before
	while (now := medium.traffic()) != after or any(
			n["tx_frames"] + n["excessive"] < b["tx_frames"] + b["excessive"] + connections * octets // MSS
			for n, b in zip(now, before)):
		if time.monotonic() > end:
			sys.exit("the rings are not through: frames of each station %s of %d, %d held back; last changes: %s" % (
				[n["tx_frames"] + n["excessive"] - b["tx_frames"] - b["excessive"] for n, b in zip(now, before)],
				connections * octets // MSS, sum(q.length() for q in queues),
				[{k: n[k] - a[k] for k in n if n[k] != a[k]} for n, a in zip(now, after)]))
		after = now
		time.sleep(0.3)		# the longest backoff is 52 ms
	for q in queues:
		q.release()
	while not streams.arrived():
		if time.monotonic() > end:
			sys.exit("not all has arrived within %d s" % LIMIT)
		streams.go_on(100)
	if not streams.intact():
		sys.exit("a stream has another sha256 than what was sent")
	json.dump([{k: a[k] - b[k] for k in a if isinstance(a[k], int)} for b, a in zip(before, after)], sys.stdout)


if __name__ == "__main__":
	main()
