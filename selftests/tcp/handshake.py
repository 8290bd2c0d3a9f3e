#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What a server and its clients see of the handshake and the end, told in words: the same words on
Linux's stack and on Plumb's (handshake.sh compares them).

handshake.py TREE SCENE [ARGUMENT]	TREE: ipv4 or plumb, whose settings (net.TREE.*) the scene changes
"""
import ctypes
import errno
import os
import select
import signal
import socket
import struct
import sys
import threading
import time

TCP_SYNCNT, TCP_LINGER2, TCP_DEFER_ACCEPT, TCP_SAVE_SYN, TCP_SAVED_SYN = 7, 8, 9, 27, 28
TCP_FASTOPEN, TCP_FASTOPEN_CONNECT, TCP_FASTOPEN_KEY, TCP_FASTOPEN_NO_COOKIE = 23, 30, 33, 34
TREE = sys.argv[1]
HOST = "127.0.0.1"


def setting(name, value):
    with open(f"/proc/sys/net/{TREE}/{name}", "w") as f:
        f.write(str(value))


def no_linear_timeouts():
    """The first SYNs at even distances, which Linux has from 6.5 on."""
    if os.path.exists(f"/proc/sys/net/{TREE}/tcp_syn_linear_timeouts"):
        setting("tcp_syn_linear_timeouts", 0)


def table():
    name = "/proc/net/tcp" if TREE == "ipv4" else "/proc/net/plumb/tcp"
    with open(name) as f:
        return [line.split() for line in f][1:]


def counter(what):
    """Of TcpExt."""
    file = "/proc/net/netstat" if TREE == "ipv4" else "/proc/net/plumb/netstat"
    with open(file) as f:
        names, values = [line.split() for line in f if line.startswith("TcpExt:")]
    return int(values[names.index(what)])


def count(state, port):
    """Sockets of the table in STATE with that port at one end."""
    port = f":{port:04X}"
    return sum(1 for r in table() if r[3] == state and port in (r[1][-5:], r[2][-5:]))


def name(e):
    return errno.errorcode[e.errno]


def attempt(what, f):
    try:
        r = f()
        print(what, "ok" if r is None else r)
    except OSError as e:
        print(what, name(e))


def listener(backlog=8, options=(), host=HOST):
    l = socket.socket()
    l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    for opt, value in options:
        l.setsockopt(socket.IPPROTO_TCP, opt, value)
    l.bind((host, 0))
    l.listen(backlog)
    return l


def ready(s, seconds):
    return bool(select.select([s], [], [], seconds)[0])


def wait(f, seconds=5):
    end = time.monotonic() + seconds
    while not f():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def saved_syn():
    for how in 1, 2:
        l = listener(options=[(TCP_SAVE_SYN, how)])
        c = socket.create_connection(l.getsockname())
        s, _ = l.accept()
        attempt("too short", lambda: len(s.getsockopt(socket.IPPROTO_TCP, TCP_SAVED_SYN, 10)))
        syn = s.getsockopt(socket.IPPROTO_TCP, TCP_SAVED_SYN, 500)
        if how == 2:
            # Linux's loopback has an Ethernet header, Plumb's has none.
            print("link layer", len(syn) - 60 in (0, 14))
            syn = syn[len(syn) - 60:]
        tcp = syn[(syn[0] & 15) * 4:]
        sport, dport = struct.unpack("!HH", tcp[:4])
        print("IPv4", syn[0] >> 4, syn[9], "flags", tcp[13], "octets", len(syn), len(tcp) == (tcp[12] >> 4) * 4,
              sport == c.getsockname()[1], dport == l.getsockname()[1])
        print("again", len(s.getsockopt(socket.IPPROTO_TCP, TCP_SAVED_SYN, 500)))
        print("of the client", len(c.getsockopt(socket.IPPROTO_TCP, TCP_SAVED_SYN, 500)))
        print("inherited", s.getsockopt(socket.IPPROTO_TCP, TCP_SAVE_SYN))
    l = listener()
    c = socket.create_connection(l.getsockname())
    s, _ = l.accept()
    print("not asked for", len(s.getsockopt(socket.IPPROTO_TCP, TCP_SAVED_SYN, 500)))


def defer_accept():
    l = listener(options=[(TCP_DEFER_ACCEPT, 30)])
    print("as it is kept", l.getsockopt(socket.IPPROTO_TCP, TCP_DEFER_ACCEPT))
    c = socket.create_connection(l.getsockname())
    print("without text", ready(l, 0.7))
    c.send(b"text")
    print("with text", ready(l, 2))
    s, _ = l.accept()
    print(s.recv(10))
    # Text that does not come: after its time the connection is opened all the same.
    l = listener(options=[(TCP_DEFER_ACCEPT, 1)])
    c = socket.create_connection(l.getsockname())
    begin = time.monotonic()
    print("in the end", ready(l, 6), round(time.monotonic() - begin))
    s, _ = l.accept()
    c.send(b"late")
    print(s.recv(10))
    # Closed while waited for.
    l = listener(options=[(TCP_DEFER_ACCEPT, 30)])
    c = socket.create_connection(l.getsockname())
    c.close()
    print("closed at once", ready(l, 1))


def abort_on_overflow():
    for mode in 0, 1:
        setting("tcp_abort_on_overflow", mode)
        l = listener(0)
        socks = []
        for _ in range(3):
            c = socket.socket()
            c.setblocking(False)
            c.connect_ex(l.getsockname())
            socks.append(c)
            time.sleep(0.1)
        seen = []
        for c in socks:
            try:
                c.send(b"x")
                time.sleep(0.2)
                c.recv(1)
                seen.append("data")
            except OSError as e:
                seen.append(name(e))
        print("mode", mode, seen)


def reset_in_the_queue():
    """Connections that end before they are accepted: one is accepted all the same, one goes with the listener."""
    l = listener()
    gone = []
    for _ in range(2):
        c = socket.socket()
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        c.connect(l.getsockname())
        gone.append(c.getsockname()[1])
        c.close()
    print("gone", [wait(lambda p=p: not count("01", p)) for p in gone])
    s, peer = l.accept()
    print("accepted", peer[1] == gone[0])
    attempt("read", lambda: s.recv(1))
    attempt("write", lambda: s.send(b"x"))
    port = l.getsockname()[1]
    l.close()
    s.close()
    print("left", sum(1 for r in table() if f":{port:04X}" in r[1]))


def lingering(value):
    """A connection whose client has TCP_LINGER2: both ends, and the client's port."""
    l = listener()
    c = socket.socket()
    c.setsockopt(socket.IPPROTO_TCP, TCP_LINGER2, value)
    c.connect(l.getsockname())
    return c, l.accept()[0], c.getsockname()[1]


def silent_end(s):
    """What the other end sees of a FIN-WAIT-2 that is over."""
    attempt("the other end", lambda: s.send(b"x"))
    time.sleep(0.2)
    attempt("and then", lambda: s.recv(1) or s.send(b"y"))


def linger2():
    """What close() leaves in FIN-WAIT-2, and for how long."""
    for value in 3, -1:
        c, s, port = lingering(value)
        c.close()
        wait(lambda: count("08", port) and not count("04", port))
        print("linger2", value, "waits", wait(lambda: count("05", port)) if value > 0
              else count("05", port))
        # Long before tcp_fin_timeout is over; how soon, a loaded machine decides.
        print("gone", wait(lambda: not count("05", port), 20))
        silent_end(s)
    # Closed when it is in FIN-WAIT-2 already: the peer is told.
    c, s, port = lingering(-1)
    c.shutdown(socket.SHUT_WR)
    wait(lambda: count("05", port))
    print("half closed", count("05", port), s.recv(1))
    c.close()
    time.sleep(0.2)
    attempt("reset", lambda: s.send(b"x"))
    for value in 0, 5, 200, -5:
        s = socket.socket()
        s.setsockopt(socket.IPPROTO_TCP, TCP_LINGER2, value)
        print("kept", value, s.getsockopt(socket.IPPROTO_TCP, TCP_LINGER2))


def linger2_above_a_minute():
    """The same for longer than TIME-WAIT lasts."""
    for half_closed in False, True:
        c, s, port = lingering(61)
        if half_closed:
            c.shutdown(socket.SHUT_WR)
            wait(lambda: count("05", port))
        begin = time.monotonic()
        c.close()
        print("waits", wait(lambda: count("05", port)))
        print("gone", wait(lambda: not count("05", port), 20), time.monotonic() - begin >= 1)
        silent_end(s)
    # While it waits: the peer's end, and what nobody reads any more.
    for data in b"", b"x":
        c, s, port = lingering(120)
        c.close()
        print("waits", wait(lambda: count("05", port)))
        if data:
            s.send(data)
            print("gone", wait(lambda: not count("05", port)))
            attempt("reset", lambda: s.send(b"y"))
        else:
            s.close()
            print("in order", wait(lambda: count("06", port)))


def reuse_chosen():
    """A pair in TIME-WAIT, to a port that the system chooses: with 2 over loopback alone."""
    def again(l):
        c = socket.socket()
        try:
            c.connect(l.getsockname())
        except OSError as e:
            return name(e)
        l.accept()[0].close()
        return "ok"

    def used(l):
        c = socket.create_connection(l.getsockname())
        s, _ = l.accept()
        c.close()
        s.close()
        wait(lambda: count("06", l.getsockname()[1]))

    cases = [(host, mode, listener(host=host))
             for host in (HOST, sys.argv[3]) for mode in (0, 1, 2)]
    early = [listener() for _ in range(9)]
    setting("ip_local_port_range", "40000 40000")
    for _, _, l in cases:
        used(l)
    time.sleep(1.1)
    for host, mode, l in cases:
        setting("tcp_tw_reuse", mode)
        print("loopback" if host == HOST else "own address", "mode", mode, again(l))
    # Not within the second that the peer was heard last.
    for l in early:
        begin = time.monotonic()
        used(l)
        seen = again(l)
        if begin % 1 > 0.05 and int(begin) == int(time.monotonic()):
            print("at once", seen)
            break


def reuse_pair():
    """A port and peer of a connection in TIME-WAIT, again (RFC 6191)."""
    for mode in 0, 1, 2:
        setting("tcp_tw_reuse", mode)
        l = listener()
        c = socket.socket()
        c.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        c.bind((HOST, 0))
        c.connect(l.getsockname())
        s, _ = l.accept()
        mine = c.getsockname()
        c.close()
        s.close()
        wait(lambda: count("06", mine[1]))
        seen = []
        for pause in 0, 2.3:
            time.sleep(pause)
            c = socket.socket()
            c.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            c.bind(mine)
            try:
                c.connect(l.getsockname())
                seen.append("ok")
            except OSError as e:
                seen.append(name(e))
            if seen[-1] == "ok":
                l.accept()[0].close()
            c.close()
        print("mode", mode, seen)


def reopen():
    """A server's TIME-WAIT gives way to the client's new SYN."""
    l = listener()
    c = socket.socket()
    c.bind((HOST, 0))
    mine = c.getsockname()
    c.connect(l.getsockname())
    s, _ = l.accept()
    s.close()
    c.recv(1)
    c.close()
    wait(lambda: count("06", mine[1]))
    c = socket.socket()
    c.bind(mine)
    attempt("again", lambda: c.connect(l.getsockname()))
    s, _ = l.accept()
    c.send(b"new")
    print(s.recv(10), count("06", mine[1]))


def syn_count():
    """TCP_SYNCNT bounds connect()."""
    no_linear_timeouts()
    s = socket.socket()
    s.setsockopt(socket.IPPROTO_TCP, TCP_SYNCNT, 1)
    begin = time.monotonic()
    attempt("nobody answers", lambda: s.connect((sys.argv[3], 9)))
    print("after", round(time.monotonic() - begin), "counted", counter("TCPAbortOnTimeout"))


def signal_in_connect():
    """EINTR, or the call goes on; the attempt does in any case."""
    def connect(what, s):
        to = struct.pack("!HH4s8x", socket.htons(socket.AF_INET), 9, socket.inet_aton(sys.argv[3]))
        r = libc.connect(s.fileno(), to, len(to))
        print(what, r and errno.errorcode[ctypes.get_errno()], "signals", len(signals))

    libc = ctypes.CDLL(None, use_errno=True)
    signals = []
    signal.signal(signal.SIGALRM, lambda *_: signals.append(1))
    for restart in False, True:
        signal.siginterrupt(signal.SIGALRM, not restart)
        for limit in 0, 20:
            s = socket.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", limit, 0))
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            if restart and not limit:
                threading.Timer(0.8, lambda: s.shutdown(socket.SHUT_RDWR)).start()
            connect(f"restart {restart} limit {limit}", s)
            s.setblocking(False)
            connect("then", s)
            print("error", s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR),
                  "opening", count("02", s.getsockname()[1]))
            s.close()


def fastopen_address():
    """MSG_FASTOPEN to what is no address of a peer; the socket is as before."""
    def send(what, s, address, size):
        r = libc.sendto(s.fileno(), b"x", 1, socket.MSG_FASTOPEN, address, size)
        print(what, ctypes.get_errno() and errno.errorcode[ctypes.get_errno()], r)
        ctypes.set_errno(0)

    def inet(host, family=socket.AF_INET, port=9):
        return struct.pack("=H", family) + struct.pack("!H4s8x", port, socket.inet_aton(host))

    setting("tcp_fastopen", 1)
    libc = ctypes.CDLL(None, use_errno=True)
    s = socket.socket()
    l = listener()
    port = l.getsockname()[1]
    for what, address, size in (
            ("no address", None, 0), ("an octet", inet(HOST), 1), ("no family", inet(HOST, 0), 16),
            ("half a one", inet(HOST), 8), ("another family", inet(HOST, socket.AF_INET6), 16),
            ("a group", inet("224.0.0.1"), 16), ("all", inet("255.255.255.255"), 16),
            ("no route", inet("192.0.2.1"), 16)):
        send(what, s, address, size)
        print("then", s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), s.getsockname()[0])
    send("a bad pointer", s, 1, 16)
    send("a peer", s, inet(HOST, port=port), 16)
    print(l.accept()[0].recv(10))
    send("open", s, inet(HOST, 0), 16)
    send("open", s, inet(HOST), 8)


def fastopen_options():
    s = socket.socket()
    setting("tcp_fastopen", 3)
    for opt, values in ((TCP_FASTOPEN, (-1, 0, 5, 100000)), (TCP_FASTOPEN_CONNECT, (-1, 2, 1)),
                        (TCP_FASTOPEN_NO_COOKIE, (-1, 2, 1))):
        for v in values:
            attempt(f"{opt} = {v}", lambda: s.setsockopt(socket.IPPROTO_TCP, opt, v))
            print(s.getsockopt(socket.IPPROTO_TCP, opt))
    for n in 0, 15, 16, 17, 32, 33:
        attempt(f"key of {n}", lambda: s.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_KEY, bytes(range(n))))
        print(s.getsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_KEY, 40).hex())
    setting("tcp_fastopen", 2)
    attempt("no client", lambda: s.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1))
    attempt("no client", lambda: s.sendto(b"x", socket.MSG_FASTOPEN, (HOST, 1)))
    setting("tcp_fastopen", 1)
    s = socket.socket()
    attempt("no address", lambda: s.sendmsg([b"x"], [], socket.MSG_FASTOPEN))
    attempt("refused", lambda: s.sendto(b"x", socket.MSG_FASTOPEN, (HOST, 1)))
    l = listener()
    attempt("a listener", lambda: l.sendto(b"x", socket.MSG_FASTOPEN, (HOST, 1)))
    attempt("no cookie, no waiting", lambda: nonblocking(l))
    c = socket.create_connection(l.getsockname())
    attempt("connected", lambda: c.sendto(b"x", socket.MSG_FASTOPEN, l.getsockname()))
    attempt("option when connected", lambda: c.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1))
    attempt("option when connected", lambda: c.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 1))


def nonblocking(l):
    s = socket.socket()
    s.setblocking(False)
    return s.sendto(b"x", socket.MSG_FASTOPEN, l.getsockname())


if __name__ == "__main__":
    signal.alarm(50)
    globals()[sys.argv[2]]()
