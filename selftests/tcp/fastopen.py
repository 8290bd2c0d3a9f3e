#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Fast Open (RFC 7413) by the socket interface.

fastopen.py server ADDRESS [QLEN [PORT]]	answers each connection with what it sent, upper case
fastopen.py client ADDRESS	for each line "MODE SIZE [PORT]" it reads one connection, and a line with
				what TCP_INFO says of it, or the error
MODE: sendto, maxseg (it, with TCP_MAXSEG 600), empty (sendto of nothing), connect (TCP_FASTOPEN_CONNECT), nonblock (sendto that does
not wait), twice (it, and once more when the connection is open), plain.
fastopen.py late ADDRESS	accepts one connection when a line comes, and says what comes of it
fastopen.py deferred ADDRESS	a SYN that waits for the first write: writes when a line comes, and
				connects anew when another does
"""
import errno
import os
import select
import signal
import socket
import sys
import threading

PORT = 7000
TCP_FASTOPEN, TCP_FASTOPEN_CONNECT, TCP_FASTOPEN_NO_COOKIE = 23, 30, 34
OPT_ECN, OPT_SYN_DATA = 8, 32


def serve(s):
    got = b""
    while True:
        try:
            d = s.recv(65536)
        except ConnectionError:
            break
        if not d:
            break
        got += d
        s.sendall(d.upper())
    s.close()


def server(address, qlen="16", port=PORT):
    l = socket.socket()
    l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    l.bind((address, int(port)))
    if int(qlen):
        l.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, int(qlen))
    l.listen(64)
    while True:
        s, _ = l.accept()
        threading.Thread(target=serve, args=(s,), daemon=True).start()


def start(s, to, mode, data):
    """Opens; how much of DATA is on its way."""
    if mode == "maxseg":
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 600)
    if mode in ("sendto", "maxseg"):
        return s.sendto(data, socket.MSG_FASTOPEN, to)
    if mode == "empty":
        return s.sendto(b"", socket.MSG_FASTOPEN, to)
    if mode in ("nonblock", "twice"):
        s.setblocking(False)
        try:
            n = s.sendto(data, socket.MSG_FASTOPEN, to)
        except BlockingIOError as e:
            assert e.errno == errno.EINPROGRESS, e
            n = 0
        select.select([], [s], [], 10)
        assert s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
        if mode == "twice":
            n += s.sendto(data[n:], socket.MSG_FASTOPEN, to)
        s.setblocking(True)
        return n
    if mode == "connect":
        s.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
    s.connect(to)
    return 0


def connection(address, mode, size, port=PORT):
    data = os.urandom(int(size) // 2 + 1).hex().encode()[:int(size)]
    signal.alarm(30)  # no time-out of Python's: that would make the socket not wait at all
    with socket.socket() as s:
        n = start(s, (address, int(port)), mode, data)
        s.sendall(data[n:])
        got = b""
        while len(got) < len(data):
            d = s.recv(65536)
            assert d, "ended after %d of %d" % (len(got), len(data))
            got += d
        assert got == data.upper(), "octets differ"
        info = s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)
        s.shutdown(socket.SHUT_WR)
        assert s.recv(1) == b""
    signal.alarm(0)
    return "%s fail=%d%s" % ("syn-data" if info[5] & OPT_SYN_DATA else "plain", info[7] >> 1 & 3,
                             " ecn" if info[5] & OPT_ECN else "")


def said(call):
    try:
        return str(call())
    except OSError as e:
        return errno.errorcode[e.errno]


def late(address):
    l = socket.socket()
    l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    l.bind((address, PORT))
    l.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 16)
    l.listen(64)
    sys.stdin.readline()
    signal.alarm(20)
    s, _ = l.accept()
    print(said(lambda: s.recv(100)), said(lambda: s.recv(100)), said(lambda: s.send(b"x")))


def deferred(address):
    to = (address, PORT)
    connection(address, "sendto", 100)
    s = socket.socket()
    s.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
    signal.alarm(40)
    print("connect", said(lambda: s.connect(to)), "writable", select.select([], [s], [], 0)[1] == [s], flush=True)
    sys.stdin.readline()
    print("write", said(lambda: s.send(b"x")), said(lambda: s.send(b"y")),
          s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), said(s.getpeername), flush=True)
    sys.stdin.readline()
    print("again", said(lambda: s.connect(to)), said(lambda: s.send(b"z")), said(lambda: s.recv(9)))


def client(address):
    for line in sys.stdin:
        try:
            answer = connection(address, *line.split())
        except OSError as e:
            answer = e.strerror
        print(answer, flush=True)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
