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
SIOCOUTQNSD = 0x894B
LIMIT = 60			# seconds for everything
LIBC = ctypes.CDLL(None, use_errno=True)
ENV = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}


def enter(name):
	with open("/run/netns/" + name, encoding="ascii") as f:
		if LIBC.setns(f.fileno(), 0):
			raise OSError(ctypes.get_errno(), "setns " + name)


def run(*command):
	return subprocess.run(command, env=ENV, check=True, text=True, stdout=subprocess.PIPE).stdout


def within(name, *command):
	return run(os.environ["LIB_NS"], "exec", name, *command)


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


def queued(name):
	"""Packets that the device of the station has not taken."""
	return sum(q.get("qlen", 0) for q in json.loads(within(name, "tc", "-s", "-j", "qdisc", "show", "dev", "eth0")))


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
	wait(end, "rings to fill", lambda: not any(queued(n) for n in names))
	for n in names:
		within(n, "tc", "qdisc", "replace", "dev", "eth0", "root", "plug")
	before = medium.ports()
	medium.stall("off")
	after = before
	while (now := medium.ports()) != after or any(
			n["tx_frames"] + n["excessive"] < b["tx_frames"] + b["excessive"] + connections * octets // MSS
			for n, b in zip(now, before)):
		if time.monotonic() > end:
			sys.exit("the rings are not through")
		after = now
		time.sleep(0.3)		# the longest backoff is 52 ms
	for n in names:
		within(n, "tc", "qdisc", "change", "dev", "eth0", "root", "plug", "release_indefinite")
	while not streams.arrived():
		if time.monotonic() > end:
			sys.exit("not all has arrived within %d s" % LIMIT)
		streams.go_on(100)
	if not streams.intact():
		sys.exit("a stream has another sha256 than what was sent")
	json.dump([{k: a[k] - b[k] for k in a if isinstance(a[k], int)} for b, a in zip(before, after)], sys.stdout)


if __name__ == "__main__":
	main()
