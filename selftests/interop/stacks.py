# SPDX-License-Identifier: GPL-2.0
"""Both stacks' sockets, on several hosts, in one process; cases that print KTAP."""
import ctypes
import fcntl
import hashlib
import os
import select
import socket
import struct
import sys
import time
import traceback

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
SIOCGIFHWADDR = 0x8927
TIMESTAMPS, SACK, WSCALE, ECN = 1, 2, 4, 8  # of tcpi_options
SCALE = int(os.environ.get("LIB_SCALE", "1"))  # a slow machine gets more time
with open("/sys/module/plumb/parameters/family") as f:
    FAMILY = int(f.read())


class Host:
    """A network namespace of lib.sh's."""

    def __init__(self, name):
        self.ns = os.open("/run/netns/" + name, os.O_RDONLY | os.O_CLOEXEC)
        self.settings = {}

    def enter(self):
        if LIBC.setns(self.ns, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")

    def mac(self, device):
        """Its address. The namespace is this one afterwards."""
        self.enter()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            found = fcntl.ioctl(s, SIOCGIFHWADDR, struct.pack("256s", device.encode()))
        return ":".join(f"{octet:02x}" for octet in found[18:24])

    def set(self, tree, name, value):
        """net.TREE.NAME, written when it changes."""
        if self.settings.get((tree, name)) == value:
            return
        self.enter()
        with open(f"/proc/sys/net/{tree}/{name}", "w") as f:
            f.write(str(value))
        self.settings[tree, name] = value

    def socket(self, stack):
        """A TCP socket of "linux" or "plumb". To Python both are AF_INET, as their addresses are."""
        self.enter()
        family = FAMILY if stack == "plumb" else socket.AF_INET
        fd = LIBC.socket(family, socket.SOCK_STREAM | socket.SOCK_CLOEXEC, 0)
        if fd < 0:
            raise OSError(ctypes.get_errno(), "socket")
        return socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, fileno=fd)

    def listen(self, stack, address, port, rcvbuf=0):
        s = self.socket(stack)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if rcvbuf:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        s.bind((address, port))
        s.listen(64)
        s.settimeout(20 * SCALE)
        return s

    def connect(self, stack, address, port, source=None, before=lambda s: None):
        s = self.socket(stack)
        before(s)
        s.settimeout(20 * SCALE)
        if source:
            s.bind((source, 0))
        s.connect((address, port))
        return s


def agreed(s):
    """Which options the connection uses: tcpi_options."""
    return s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)[5] & 15


def mss(s):
    """The largest segment it sends: tcpi_snd_mss."""
    return struct.unpack("I", s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)[16:20])[0]


def sha(data):
    return hashlib.sha256(data).hexdigest()


DATA = os.urandom(300000)


def exchange(ends, length, limit=30):
    """Each end sends LENGTH octets and half-closes, both at once; each gets all of the other's."""
    left, got = {}, {}
    for i, s in enumerate(ends):
        s.setblocking(False)
        left[s] = memoryview(DATA)[i * 1000:i * 1000 + length]
        got[s] = []
    reading, writing = set(ends), set(ends)
    end = time.monotonic() + limit * SCALE
    while reading or writing:
        wait = end - time.monotonic()
        assert wait > 0, f"no end: {[len(b''.join(g)) for g in got.values()]} of {length}"
        r, w, _ = select.select(reading, writing, [], wait)
        for s in w:
            if left[s]:
                left[s] = left[s][s.send(left[s]):]
            if not left[s]:
                s.shutdown(socket.SHUT_WR)
                writing.discard(s)
        for s in r:
            data = s.recv(65536)
            got[s].append(data)
            if not data:
                reading.discard(s)
    for i, s in enumerate(ends):
        assert sha(b"".join(got[s])) == sha(DATA[(1 - i) * 1000:(1 - i) * 1000 + length]), "sums differ"


def echoed(s, length, limit=30):
    """The peer returns what is sent to it, and closes after we half-closed."""
    s.setblocking(False)
    left, got, writing = memoryview(DATA)[:length], [], [s]
    end = time.monotonic() + limit * SCALE
    while True:
        wait = end - time.monotonic()
        assert wait > 0, f"no end: {len(b''.join(got))} of {length}"
        r, w, _ = select.select([s], writing, [], wait)
        if w and left:
            left = left[s.send(left):]
        if w and not left:
            s.shutdown(socket.SHUT_WR)
            writing = []
        if r:
            data = s.recv(65536)
            if not data:
                break
            got.append(data)
    assert sha(b"".join(got)) == sha(DATA[:length]), "sums differ"


def points(cases):
    """CASES: name, function. Those that the command line names, or all; exit code as of kselftest."""
    wanted = [a.split("test_", 1)[-1] for a in sys.argv[1:] if a.startswith("test_")]
    cases = [(n, f) for n, f in cases if not wanted or n in wanted]
    script = os.path.basename(sys.argv[0]).replace(".py", ".sh")
    print(f"KTAP version 1\n1..{len(cases)}", flush=True)
    failed = 0
    for i, (name, run) in enumerate(cases, 1):
        begin = time.monotonic()
        try:
            run()
            took = time.monotonic() - begin
            print((f"# {name}: {took:.1f} s\n" if took > 2 else "") + f"ok {i} {name}", flush=True)
        except Exception:  # whatever it is, the next case is tried
            failed = 1
            for line in traceback.format_exc().splitlines():
                print("# " + line)
            print(f"# alone: scripts/vm --kernel {os.environ.get('PLUMB_KERNEL', '6.12')} --nic tap --agent "
                  f"selftests/run interop/{script}:test_{name}\nnot ok {i} {name}", flush=True)
    sys.exit(failed)
