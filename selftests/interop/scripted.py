#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""scripted.py NAMESPACE_X NAMESPACE_A [test_NAME...]: see scripted.sh.

X's end of the cable is played by hand, segment by segment (../tcp/peer.py); Plumb's sockets on A are
this program's own."""
import errno
import itertools
import os
import select
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tcp"))
import stacks  # noqa: E402
from peer import ACK, FIN, PSH, RST, SYN, Conn, Seg, Wire, mss  # noqa: E402

URG, WRAP = 32, 0xFFFFFFFF
X, A = stacks.Host(sys.argv[1]), stacks.Host(sys.argv[2])
STACK = os.environ.get("INTEROP_STACK", "plumb")
US, IT = "10.0.0.5", "10.0.0.9"
PORT = itertools.count(20000)

MSS, SACK, WS, TS, NOP, EOL = mss(1460), b"\4\2", b"\3\3\6", b"\x08\x0a\0\0\x03\xe8\0\0\0\0", b"\1", b"\0"
STYLES = {  # the options of a SYN, as the systems order them, and as none does
    "linux": MSS + SACK + TS + NOP + WS,
    "freebsd": MSS + NOP + WS + SACK + TS,
    "openbsd": MSS + NOP + NOP + SACK + NOP + WS + NOP + NOP + TS,
    "macos": MSS + NOP + WS + NOP + NOP + TS + SACK + EOL,
    "windows": MSS + NOP + WS + NOP + NOP + SACK,
    "solaris": SACK + TS + MSS + NOP + WS,
    "backwards": WS + TS + SACK + MSS,
    "mss_alone": MSS,
    "none": b"",
    "nops_first": NOP * 7 + MSS + NOP * 3 + SACK,
    "unknown_between": b"\xfd\4\1\2" + MSS + b"\xfe\3\0" + SACK + b"\x4c\2" + NOP + WS,
    "end_early": MSS + EOL + SACK + TS,
    "scale_of_15": MSS + NOP + b"\3\3\x0f",
}
AGREED = {"linux": 7, "freebsd": 7, "openbsd": 7, "macos": 7, "windows": 6, "solaris": 7, "backwards": 7,
          "mss_alone": 0, "none": 0, "nops_first": 2, "unknown_between": 6, "end_early": 0, "scale_of_15": 4}
DATA = stacks.DATA


class Peer(Conn):
    """The connection seen from X: options as agreed, text in order, ACKs as told."""

    def __init__(self, theirs, ours):
        super().__init__(W, theirs, ours)
        self.stamps, self.echo, self.clock = False, 0, 1000
        self.text, self.fin, self.shift = b"", False, 0

    def send(self, flags, data=b"", seq=None, ack=None, options=b"", window=64240, sign=None, stamp=True):
        if self.stamps and stamp and not flags & SYN:
            self.clock += 1
            options = struct.pack("!BBBBII", 1, 1, 8, 10, self.clock, self.echo) + options
        super().send(flags, data, seq, ack, options, window, sign)

    def opened(self, seg, style):
        """What it says in its SYN or SYN-ACK."""
        self.stamps = bool(AGREED[style] & stacks.TIMESTAMPS)
        self.heard(seg)
        self.shift = seg.opt[3][0] if AGREED[style] & stacks.WSCALE else 0
        self.ack = seg.seq + 1 & WRAP

    def heard(self, seg):
        if self.stamps and 8 in seg.opt:
            self.echo = struct.unpack("!I", seg.opt[8][:4])[0]

    def say(self, data, flags=ACK | PSH, **more):
        self.send(flags, data, **more)
        self.seq = self.seq + len(data) + bool(flags & FIN) & WRAP

    def frames(self, limit):
        for p in self.w.frames(limit):
            if self.mine(p):
                yield Seg(p)

    def take(self, length, policy=1, limit=20, window=64240, quiet=0.05):
        """Reads LENGTH octets of text, or to the FIN (None). POLICY: an ACK for so many segments,
        what is left when nothing comes for QUIET seconds; or a function of the segment and of
        whether it is in order, which answers by itself."""
        end, owed = time.monotonic() + limit * stacks.SCALE, 0
        start = len(self.text)

        def done():
            return self.fin if length is None else len(self.text) - start >= length

        while not done():
            assert time.monotonic() < end, f"{len(self.text) - start} octets, then nothing"
            for s in self.frames(quiet):
                self.heard(s)
                fits = s.seq == self.ack
                if s.flags & RST:
                    raise ConnectionResetError("a RST came")
                if callable(policy) and not policy(s, fits):
                    continue
                if fits and s.data:
                    self.text += s.data
                    self.ack = self.ack + len(s.data) & WRAP
                if fits and s.flags & FIN:
                    self.fin = True
                    self.ack = self.ack + 1 & WRAP
                if not callable(policy):
                    owed += bool(s.data or s.flags & FIN)
                    if owed >= policy or self.fin or (s.data and not fits):
                        self.send(ACK, window=window)
                        owed = 0
                if done():
                    break
            else:
                if owed:
                    self.send(ACK, window=window)
                    owed = 0
        if owed:
            self.send(ACK, window=window)

    def took(self, data):
        assert self.text == data, f"{len(self.text)} octets came, or others than the {len(data)} sent"
        self.text = b""


def its_syn(style, text=b"", sockopts=lambda s: None):
    """It opens, as far as our SYN-ACK: the listener, it, and what came."""
    port = next(PORT)
    listener = A.listen(STACK, US, port)
    sockopts(listener)
    p = Peer(port, port + 20000)
    p.send(SYN, text, options=STYLES[style])
    s = p.wait("SYN-ACK", lambda s: s.flags & (SYN | ACK) == SYN | ACK)
    p.seq = p.seq + 1 & WRAP
    p.opened(s, style)
    return listener, p, s


def accepted(listener):
    conn = listener.accept()[0]
    listener.close()
    return conn


def it_opens(style="linux", sockopts=lambda s: None):
    """Plumb accepts. Returns both ends."""
    listener, p, s = its_syn(style, sockopts=sockopts)
    assert s.ack == p.seq, s
    answers(s, style)
    p.send(ACK)
    conn = accepted(listener)
    conn.settimeout(20 * stacks.SCALE)
    return p, conn


def we_open(style="linux", answer=lambda p: None):
    """Plumb connects."""
    port = next(PORT)
    conn = A.socket(STACK)
    conn.bind((US, 0))
    conn.setblocking(False)
    assert conn.connect_ex((IT, port)) == errno.EINPROGRESS
    p = Peer(conn.getsockname()[1], port)
    s = p.wait("SYN", lambda s: s.flags == SYN)
    p.opened(s, style)
    answer(p)
    p.send(SYN | ACK, options=STYLES[style])
    p.seq = p.seq + 1 & WRAP
    p.heard(p.wait("ACK of the SYN", lambda s: s.flags & ACK and s.ack == p.seq))
    assert select.select([], [conn], [], 10)[1] and not conn.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    conn.settimeout(20 * stacks.SCALE)
    return p, conn


def answers(s, style):
    """A SYN-ACK has no option that the SYN had not."""
    for kind, bit in ((8, stacks.TIMESTAMPS), (4, stacks.SACK), (3, stacks.WSCALE)):
        assert (kind in s.opt) == bool(AGREED[style] & bit), f"the answer to {style}: {s}"


def speak(p, conn, style):
    """Some text both ways, and an orderly end that it begins."""
    assert stacks.agreed(conn) == AGREED[style], f"in use: {stacks.agreed(conn):04b}"
    most = (536 if style == "none" else 1460) - (12 if p.stamps else 0)
    assert stacks.mss(conn) == most, f"segments of {stacks.mss(conn)}, expected {most}"
    p.say(b"hello")
    assert conn.recv(100) == b"hello"
    conn.sendall(DATA[:20000])
    p.take(20000)
    p.took(DATA[:20000])
    end(p, conn)


def end(p, conn):
    """It closes first, we after it."""
    p.say(b"", FIN | ACK)
    assert conn.recv(100) == b""
    conn.close()
    p.take(None)
    p.took(b"")


def opens_as(style):
    speak(*it_opens(style), style)


def answers_as(style):
    speak(*we_open(style), style)


# --- ACKs --------------------------------------------------------------------

def bulk(style, policy, length=60000, **more):
    """LENGTH octets to it; POLICY as of take(), or a function of the peer that returns one."""
    p, conn = it_opens(style)
    conn.setblocking(False)
    taken = conn.send(DATA[:length])
    assert taken == length, f"{taken} octets of {length} fit the buffer"
    p.take(length, policy if isinstance(policy, int) else policy(p), **more)
    p.took(DATA[:length])
    conn.settimeout(20 * stacks.SCALE)
    end(p, conn)


def ack_of_every_segment():
    bulk("freebsd", 1, 60000)


def ack_of_every_tenth():
    bulk("windows", 10, 60000)


def acks_only_when_silent():
    """As late as an ACK may be, and later: 0.2 s."""
    bulk("freebsd", 1000000, 60000, quiet=0.2)


def acks_amid_segments():
    """Half of each segment is acknowledged, then the rest: the sender's boundaries are its own."""
    def policy(p):
        def answer(s, fits):
            if fits and s.data:
                p.send(ACK, ack=p.ack + len(s.data) // 2)
                p.send(ACK, ack=p.ack + len(s.data))
            return fits
        return answer
    bulk("freebsd", policy)


def acks_thrice():
    """Each ACK comes three times: a duplicate without news is no loss."""
    def policy(p):
        def answer(s, fits):
            for _ in range(3):
                p.send(ACK, ack=p.ack + (len(s.data) if fits else 0))
            return fits
        return answer
    bulk("windows", policy, 30000)


def old_acks_between():
    """After each ACK one from long ago (RFC 5961 5: not older than the largest window)."""
    def policy(p):
        first = p.ack

        def answer(s, fits):
            p.send(ACK, ack=p.ack + (len(s.data) if fits else 0))
            p.send(ACK, ack=first)
            return fits
        return answer
    bulk("linux", policy, 30000)


def ack_of_what_was_never_sent():
    """RFC 9293 3.10.7.4: is answered with an ACK, and changes nothing."""
    p, conn = it_opens("freebsd")
    p.send(ACK, ack=p.ack + 100000)
    s = p.wait("an ACK for it", lambda s: s.flags == ACK and not s.data)
    assert s.ack == p.seq and s.seq == p.ack, s
    speak(p, conn, "freebsd")


def loses(style, sack, length=60000):
    """The third segment is lost once; the hole is told by duplicates, with SACK if agreed."""
    lost, kept = [], {}
    p, conn = it_opens(style)
    conn.sendall(DATA[:length])

    def policy(s, fits):
        if not s.data:
            return False
        if not lost and s.seq == p.ack and len(p.text) > 2000:
            lost.append(s.seq)
            return False
        if fits:
            p.text += s.data
            p.ack = p.ack + len(s.data) & WRAP
            while p.ack in kept:
                more = kept.pop(p.ack)
                p.text += more
                p.ack = p.ack + len(more) & WRAP
            p.send(ACK)
            return False
        if s.seq - p.ack & WRAP < 1 << 31:
            kept[s.seq] = s.data
        blocks = sorted((q - p.ack & WRAP, len(d)) for q, d in kept.items())
        if sack and blocks:
            right = blocks[0][0]
            for left, n in blocks:
                if left == right:
                    right += n
            p.send(ACK, options=struct.pack("!BBBBII", 1, 1, 5, 10, blocks[0][0] + p.ack & WRAP,
                                            right + p.ack & WRAP))
        else:
            p.send(ACK)
        return False
    p.take(length, policy)
    p.took(DATA[:length])
    assert lost, "nothing was lost"
    end(p, conn)


def loss_told_by_sack_with_timestamps():
    loses("freebsd", True)


def loss_told_by_sack_without_timestamps():
    loses("windows", True)


def loss_told_by_duplicates_alone():
    loses("mss_alone", False, 30000)


# --- windows -----------------------------------------------------------------

def zero_window():
    """It closes its window: no text but probes; it opens it, and the rest comes."""
    p, conn = it_opens("freebsd")
    conn.setblocking(False)
    conn.send(DATA[:60000])
    p.take(6000)
    # What is under way yet is taken.
    while True:
        came = [s for s in p.all_until_echo() if s.data]
        for s in came:
            if s.seq == p.ack:
                p.text += s.data
                p.ack = p.ack + len(s.data) & WRAP
        p.send(ACK, window=0)
        if not came:
            break
    s = p.wait("a probe of the closed window", limit=10)
    assert len(s.data) <= 1, s
    p.send(ACK, window=0)
    p.send(ACK)
    p.take(60000 - len(p.text))
    p.took(DATA[:60000])
    conn.settimeout(20 * stacks.SCALE)
    end(p, conn)


def small_windows():
    """Room for three segments, never more, and told late."""
    bulk("mss_alone", 3, 40000, window=4380)


def a_window_that_shrinks():
    """RFC 9293 3.8.6: a sender must be robust against the window's right edge moving left."""
    p, conn = it_opens("windows")
    conn.setblocking(False)
    conn.send(DATA[:50000])
    p.take(3000, window=64240)
    for window in (1000, 100, 1, 0, 500, 64240):
        p.send(ACK, window=window >> 6 if window else 0)
    p.take(50000 - len(p.text))
    p.took(DATA[:50000])
    conn.settimeout(20 * stacks.SCALE)
    end(p, conn)


def our_window_closes():
    """It fills what we take, then probes with an octet; it goes on when we have read."""
    p, conn = it_opens("windows", lambda l: l.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192))
    sent = b""
    for i in range(200):
        data = DATA[i * 1460:i * 1460 + 1460]
        p.send(ACK | PSH, data)
        s = p.wait("an ACK", lambda s: s.flags & ACK)
        if s.ack == p.seq + 1460 & WRAP:
            sent += data
            p.seq = p.seq + 1460 & WRAP
        if s.window << p.shift < 1460:
            break
    else:
        raise AssertionError("its window does not close")
    for _ in range(3):
        p.send(ACK, b"?")
        s = p.wait("an answer to the probe", lambda s: s.flags & ACK)
        sent += b"?" if s.ack == p.seq + 1 & WRAP else b""
        p.seq = s.ack
    got = b""
    while len(got) < len(sent):
        got += conn.recv(65536)
    assert got == sent, f"{len(got)} octets of {len(sent)}, or others"
    p.wait("an update of the window", lambda s: s.window << p.shift >= 1460)
    p.all_until_echo()
    p.say(b"more")
    assert conn.recv(100) == b"more"
    end(p, conn)


def no_memory_for_text():
    """Small segments take more memory than room in the window. One too many is answered; sent again
    when we have read, it is taken."""
    p, conn = it_opens("windows", lambda l: l.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096))
    sent = b""
    for i in range(200):
        data = DATA[i * 500:i * 500 + 500]
        p.send(ACK | PSH, data)
        s = p.wait("an ACK", lambda s: s.flags & ACK)
        if s.ack == p.seq:
            break
        sent += data
        p.seq = p.seq + 500 & WRAP
    else:
        raise AssertionError("nothing is ever too much")
    got = b""
    while len(got) < len(sent):
        got += conn.recv(65536)
    assert got == sent, f"{len(got)} octets of {len(sent)}, or others"
    p.all_until_echo()
    p.say(data)
    assert conn.recv(1000) == data
    end(p, conn)


# --- ends --------------------------------------------------------------------

def rst_in_place_of_fin():
    """As some clients close: the reader gets ECONNRESET, after what had come."""
    for style in "windows", "freebsd":
        p, conn = it_opens(style)
        p.say(b"last words")
        assert conn.recv(100) == b"last words"
        p.send(RST | ACK, stamp=False)
        p.w.until_echo()
        try:
            conn.recv(100)
            raise AssertionError("no error")
        except ConnectionResetError:
            pass
        conn.close()


def text_on_the_fin():
    for style in "freebsd", "windows":
        p, conn = it_opens(style)
        p.say(b"last words", FIN | PSH | ACK)
        assert conn.recv(100) == b"last words" and conn.recv(100) == b""
        conn.sendall(b"and mine")
        conn.close()
        p.take(None)
        p.took(b"and mine")


def fin_before_the_text():
    """The FIN overtakes: the end comes after what was sent before it."""
    p, conn = it_opens("freebsd")
    p.send(FIN | ACK, b"world", seq=p.seq + 6)
    p.send(ACK | PSH, b"hello ")
    p.seq = p.seq + 12 & WRAP
    got = conn.recv(100)
    while len(got) < 11:
        got += conn.recv(100)
    assert got == b"hello world" and conn.recv(100) == b""
    conn.close()
    p.take(None)


def fins_cross():
    p, conn = it_opens("windows")
    conn.shutdown(socket.SHUT_WR)
    p.wait("FIN", lambda s: s.flags & FIN)
    p.send(FIN | ACK)       # without an ACK of ours
    s = p.wait("an ACK of its FIN", lambda s: s.flags & ACK and s.ack == p.seq + 1 & WRAP)
    p.seq, p.ack = p.seq + 1 & WRAP, p.ack + 1 & WRAP
    p.send(ACK)
    assert conn.recv(100) == b""
    conn.close()
    assert s.seq == p.ack, s


def fin_said_again_in_time_wait():
    p, conn = it_opens("freebsd")
    conn.shutdown(socket.SHUT_WR)
    p.take(None)
    p.send(FIN | ACK, options=b"")
    p.wait("an ACK of its FIN", lambda s: s.ack == p.seq + 1 & WRAP)
    conn.close()
    p.send(FIN | ACK)
    p.wait("an ACK once more", lambda s: s.ack == p.seq + 1 & WRAP)


def half_closed_for_long():
    """It says its FIN at once; 50,000 octets follow from us."""
    p, conn = it_opens("windows")
    p.say(b"", FIN | ACK)
    assert conn.recv(100) == b""
    conn.sendall(DATA[:50000])
    conn.close()
    p.take(None, 2)
    p.took(DATA[:50000])


def half_open():
    """RFC 9293 3.5.1: it has forgotten the connection and opens it anew: a challenge ACK, its RST,
    and the next SYN succeeds."""
    port = next(PORT)
    listener = A.listen(STACK, US, port)
    p = open_on(listener, port, "freebsd")
    old = listener.accept()[0]
    new = Peer(port, p.ours)
    new.seq = p.seq + 500000 & WRAP
    new.send(SYN, options=STYLES["windows"])
    s = new.wait("a challenge ACK", lambda s: s.flags == ACK)
    assert s.ack == p.seq and s.seq == p.ack, s
    new.send(RST, seq=s.ack)
    new.w.until_echo()
    try:
        old.recv(10)
        raise AssertionError("the old connection lives")
    except ConnectionResetError:
        pass
    old.close()
    new.send(SYN, options=STYLES["windows"])
    s = new.wait("SYN-ACK", lambda s: s.flags == SYN | ACK)
    new.seq = new.seq + 1 & WRAP
    new.opened(s, "windows")
    new.send(ACK)
    conn = listener.accept()[0]
    listener.close()
    conn.settimeout(20)
    speak(new, conn, "windows")


def open_on(listener, port, style):
    p = Peer(port, port + 20000)
    p.send(SYN, options=STYLES[style])
    s = p.wait("SYN-ACK", lambda s: s.flags & (SYN | ACK) == SYN | ACK)
    p.seq = p.seq + 1 & WRAP
    p.opened(s, style)
    p.send(ACK)
    return p


def half_open_found_by_text():
    """We send to one who has forgotten: its RST ends the connection."""
    p, conn = we_open("freebsd")
    conn.sendall(b"are you there?")
    s = p.wait("text", lambda s: s.data)
    p.send(RST, seq=s.ack, stamp=False)
    p.w.until_echo()
    try:
        conn.recv(10)
        raise AssertionError("no error")
    except ConnectionResetError:
        pass
    conn.close()


# --- opening -----------------------------------------------------------------

def both_open_at_once():
    """RFC 9293 figure 7."""
    port = next(PORT)
    conn = A.socket(STACK)
    conn.bind((US, 0))
    conn.setblocking(False)
    assert conn.connect_ex((IT, port)) == errno.EINPROGRESS
    p = Peer(conn.getsockname()[1], port)
    s = p.wait("SYN", lambda s: s.flags == SYN)
    p.opened(s, "windows")
    p.send(SYN, options=STYLES["windows"])
    s = p.wait("SYN-ACK", lambda s: s.flags & (SYN | ACK) == SYN | ACK)
    assert s.ack == p.seq + 1 & WRAP, s
    p.send(SYN | ACK, options=STYLES["windows"])
    p.seq = p.seq + 1 & WRAP
    p.send(ACK)
    assert select.select([], [conn], [], 10)[1] and not conn.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    conn.settimeout(20)
    speak(p, conn, "windows")


def reads(listener, p, style, text):
    """The connection is there, with this text; and is one as any other."""
    conn = accepted(listener)
    conn.settimeout(20)
    assert conn.recv(10) == text
    speak(p, conn, style)


def text_with_the_third_segment():
    listener, p, _ = its_syn("freebsd")
    p.say(b"first")
    reads(listener, p, "freebsd", b"first")


def text_on_the_syn():
    """RFC 9293 3.10.7.2 without Fast Open: the SYN alone is taken, the text comes again."""
    listener, p, s = its_syn("freebsd", b"early")
    assert s.ack in (p.seq, p.seq + 5 & WRAP), s
    again = s.ack == p.seq
    p.send(ACK | PSH, b"early" if again else b"", seq=p.seq if again else p.seq + 5)
    p.seq = p.seq + 5 & WRAP
    reads(listener, p, "freebsd", b"early")


def ack_of_the_syn_ack_is_lost():
    """The next text stands for it."""
    listener, p, _ = its_syn("windows")
    p.wait("SYN-ACK again", lambda s: s.flags & SYN)
    p.say(b"text")
    reads(listener, p, "windows", b"text")


# --- text --------------------------------------------------------------------

def tiny_segments_in_any_order():
    p, conn = it_opens("freebsd")
    for i in sorted(range(200), key=lambda i: i * 37 % 200):
        p.send(ACK, DATA[i:i + 1], seq=p.seq + i)
    # What there was no room for comes again.
    for i in range(200):
        p.send(ACK, DATA[i:i + 1], seq=p.seq + i)
    p.seq = p.seq + 200 & WRAP
    got = b""
    while len(got) < 200:
        got += conn.recv(1000)
    assert got == DATA[:200]
    p.all_until_echo()
    end(p, conn)


def other_boundaries_when_sent_again():
    """Overlaps on either side, and what had come already."""
    p, conn = it_opens("windows")
    for begin, stop in ((0, 1000), (2000, 3000), (500, 1500), (2500, 3800), (0, 100), (1400, 2100), (3799, 5000)):
        p.send(ACK, DATA[begin:stop], seq=p.seq + begin)
    p.seq = p.seq + 5000 & WRAP
    got = b""
    while len(got) < 5000:
        got += conn.recv(10000)
    assert got == DATA[:5000]
    p.all_until_echo()
    end(p, conn)


def keepalive_with_a_rubbish_octet():
    """RFC 9293 3.8.4: old stacks put an octet into a probe; it is answered, and not read."""
    p, conn = it_opens("freebsd")
    p.say(b"hello")
    assert conn.recv(10) == b"hello"
    p.all_until_echo()
    for rubbish in b"", b"?":
        p.send(ACK, rubbish, seq=p.seq - 1)
        s = p.wait("an answer to the probe", lambda s: s.flags == ACK)
        assert s.ack == p.seq, s
    speak(p, conn, "freebsd")


def urgent_to_us():
    p, conn = it_opens("windows")
    send_urgent(p, b"normal!", 7)
    p.w.until_echo()
    assert conn.recv(10, socket.MSG_OOB) == b"!"
    assert conn.recv(10) == b"normal"
    p.all_until_echo()
    end(p, conn)


def send_urgent(p, data, pointer):
    """peer.py's segments have no pointer: it is put in, and the checksum made good."""
    send_ip = p.w.send_ip

    def with_pointer(packet, dst=None):
        at = 20 + 18
        check = struct.unpack("!H", packet[36:38])[0]
        total = (~check & 0xFFFF) + pointer
        total = (total & 0xFFFF) + (total >> 16)
        send_ip(packet[:36] + struct.pack("!HH", ~total & 0xFFFF, pointer) + packet[at + 2:], dst)
    p.w.send_ip = with_pointer
    try:
        p.say(data, ACK | PSH | URG)
    finally:
        del p.w.send_ip


def urgent_from_us():
    p, conn = it_opens("windows")
    conn.send(b"normal")
    conn.send(b"!", socket.MSG_OOB)
    seen = []

    def policy(s, fits):
        if fits:
            if s.flags & URG:
                seen.append(s.seq + struct.unpack("!H", s.head[18:20])[0])
            p.send(ACK, ack=p.ack + len(s.data))
        return fits
    first = p.ack
    p.take(7, policy)
    p.took(b"normal!")
    assert seen and all(at == first + 7 & WRAP for at in seen), f"{seen}, expected {first + 7}"
    end(p, conn)


def reserved_bits_and_odd_flags():
    """What a segment has beside is no reason against it: PSH on an ACK, ECE and CWR unasked."""
    p, conn = it_opens("freebsd")
    for extra in PSH, 0x40, 0x80, 0xC0:
        p.send(ACK | extra)
        p.say(b"x", ACK | extra)
        assert conn.recv(10) == b"x"
    p.all_until_echo()
    speak(p, conn, "freebsd")


CASES = [ack_of_every_segment, ack_of_every_tenth, acks_only_when_silent, acks_amid_segments, acks_thrice,
         old_acks_between, ack_of_what_was_never_sent, loss_told_by_sack_with_timestamps,
         loss_told_by_sack_without_timestamps, loss_told_by_duplicates_alone, zero_window, small_windows,
         a_window_that_shrinks, our_window_closes, no_memory_for_text, rst_in_place_of_fin, text_on_the_fin,
         fin_before_the_text, fins_cross, fin_said_again_in_time_wait, half_closed_for_long, half_open,
         half_open_found_by_text,
         both_open_at_once, text_with_the_third_segment, text_on_the_syn, ack_of_the_syn_ack_is_lost,
         tiny_segments_in_any_order, other_boundaries_when_sent_again, keepalive_with_a_rubbish_octet,
         urgent_to_us, urgent_from_us, reserved_bits_and_odd_flags]

if __name__ == "__main__":
    A_MAC = A.mac("eth0")
    X_MAC = X.mac("eth0")
    W = Wire("eth0", X_MAC, IT, A_MAC, US)
    stacks.points([(f"opens_as_{s}", lambda s=s: opens_as(s)) for s in STYLES] +
                  [(f"answers_as_{s}", lambda s=s: answers_as(s)) for s in STYLES] +
                  [(f.__name__, f) for f in CASES])
