#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The goodput matrix: its plan before the runs, its page and picture after them.

    matrix.py plan REGEX [FIRST-LAST]	the runs, a line each (goodput.c): cells that fit, seeds
    matrix.py show FILE			a line a cell, of what goodput printed
    matrix.py page FILE DOC SVG		docs/goodput.md and docs/goodput.svg
"""
import itertools
import math
import os
import re
import sys
from collections import defaultdict

LOSSES = (0, 100, 1000, 3000)  # thousandths of a percent
RTTS = (10, 50, 200)  # ms
RATES = (1000, 10000, 50000)  # kbit/s
MSS, FRAME = 1448, 1514
SEEDS = 10
LEAST = {10: 3, 50: 8, 200: 20}  # seconds of a run, by RTT
EQUAL = 0.01  # a ratio that differs from 1 by less is no difference
GRAIN = 0.001  # a packet of a run at 1 Mbit/s is 0.06 %


def reno_pps(loss, rtt):
    """RFC 5348's simple form: segments a second."""
    return 1.22 / (rtt / 1e3 * math.sqrt(loss / 1e5)) if loss else math.inf


def seconds_of(cc, loss, rtt, rate):
    """Of a run: some hundred round trips, and losses enough that the mean of the runs says something."""
    link = rate * 1000 / 8 / FRAME
    if not loss:
        return {1000: 20, 10000: 8, 50000: 4}[rate] * (5 if rtt == 200 else 2) // 2
    pps = min(link, reno_pps(loss, rtt) * (1.3 if cc == "cubic" else 1))
    # Where the queue is never empty little depends on when a packet is lost.
    packets = 2000 if reno_pps(loss, rtt) > 2 * link else {100: 8000, 1000: 4000, 3000: 3000}[loss]
    return max(LEAST[rtt], round(packets / pps))


def queue_of(rtt, rate):
    """Packets: the path's product of rate and delay, at least 20."""
    return max(20, round(rate * rtt / 8 / FRAME))


def cells():
    """Table (sender or receiver compared), CC, loss, RTT, rate, mark."""
    for cc in ("reno", "cubic"):
        for loss, rtt, rate in itertools.product(LOSSES, RTTS, RATES):
            yield "sender", cc, loss, rtt, rate, 0
    for loss, rtt in itertools.product(LOSSES[1:], RTTS):
        yield "sender", "dctcp", loss, rtt, RATES[1], 1
    for loss, rtt, rate in itertools.product((0, 1000), RTTS, RATES):
        yield "receiver", "cubic", loss, rtt, rate, 0


def plan(args):
    want = re.compile(args[0])
    first, last = (int(n) for n in args[1].split("-")) if args[1] else (1, SEEDS)
    for side, cc, loss, rtt, rate, mark in cells():
        if not want.search(f"{side} {cc} {loss / 1000:g}% {rtt}ms {rate // 1000}Mbit"):
            continue
        seconds = seconds_of(cc, loss, rtt, rate)
        for seed in range(first, last + 1 if loss else 2):
            # Linux to Linux is in the first table already.
            pairs = (("linux", "linux"), ("plumb", "linux")) if side == "sender" else (("linux", "plumb"),)
            for pair in pairs:
                print(*pair, cc, loss, rtt, rate, mark, queue_of(rtt, rate), seconds, seed, side)


class Cell:
    """What was measured of one combination: Mbit/s of each stack, by seed."""

    def __init__(self):
        self.mbit = {"linux": {}, "plumb": {}}
        self.again = {"linux": {}, "plumb": {}}
        self.seconds = 0

    def keep_pairs(self):
        """Forgets seeds that one stack alone has run. Return: is anything left?"""
        both = self.mbit["linux"].keys() & self.mbit["plumb"].keys()
        self.mbit = {stack: {s: v for s, v in by.items() if s in both} for stack, by in self.mbit.items()}
        return bool(both)

    def mean(self, stack):
        values = self.mbit[stack].values()
        return sum(values) / len(values)

    def ratio(self):
        return self.mean("plumb") / self.mean("linux")

    def packets_under(self):
        """What Plumb lacks, in packets of the mean run."""
        return (self.mean("linux") - self.mean("plumb")) * 1e6 / 8 * self.seconds / MSS

    def error(self):
        """Of the ratio, from how the seeds' ratios scatter."""
        each = [self.mbit["plumb"][s] / self.mbit["linux"][s] for s in self.mbit["linux"]]
        if len(each) < 2:
            return 0.0
        mean = sum(each) / len(each)
        return math.sqrt(sum((x - mean) ** 2 for x in each) / (len(each) - 1) / len(each))


def read(path):
    """The last result of each run, so that part of the matrix can be measured anew."""
    out = defaultdict(Cell)
    with open(path) as file:
        for line in file:
            w = line.split()
            if len(w) != 15 or w[10] not in ("sender", "receiver"):
                continue
            kinds = ["sender"] if w[1] == "linux" else []
            if w[0] == "linux":
                kinds.append("receiver")
            for side in kinds:
                stack = w[0] if side == "sender" else w[1]
                cell = out[(side, w[2], *(int(n) for n in w[3:7]))]
                cell.seconds = int(w[8])
                cell.mbit[stack][int(w[9])] = int(w[11]) * 8 / cell.seconds / 1e6
                cell.again[stack][int(w[9])] = int(w[12])
    return {k: c for k, c in sorted(out.items(), reverse=True) if c.keep_pairs()}


def name(key):
    _, cc, loss, rtt, rate, _ = key
    return f"{cc} {loss / 1000:g} % {rtt} ms {rate // 1000} Mbit/s"


def show(path):
    out = read(path)
    for key, c in out.items():
        print(f"{key[0]:8} {name(key):32} {c.mean('linux'):7.3f} {c.mean('plumb'):7.3f} "
              f"{c.ratio():6.3f} +-{c.error():.3f}  {len(c.mbit['linux'])} x {c.seconds} s, "
              f"again {sum(c.again['linux'].values())} {sum(c.again['plumb'].values())}")
    for side in ("sender", "receiver"):
        print(side, totals([c for k, c in out.items() if k[0] == side]))
    print("all", totals(out.values()))


def totals(found):
    if not found:
        return "no cells"
    ratios = [c.ratio() for c in found]
    strict = sum(r >= 1 for r in ratios)
    packet = sum(c.packets_under() <= 1 for c in found)
    grain = sum(r >= 1 - GRAIN for r in ratios)
    fair = sum(r >= 1 - EQUAL for r in ratios)
    return (f"{len(ratios)} cells; at least Linux's: {strict} ({strict / len(ratios):.0%}), "
            f"to a packet a run {packet} ({packet / len(ratios):.0%}), to "
            f"{GRAIN:.1%} {grain} ({grain / len(ratios):.0%}), within "
            f"{EQUAL:.0%} {fair} ({fair / len(ratios):.0%}); least {min(ratios):.3f}, "
            f"geometric mean {math.exp(sum(map(math.log, ratios)) / len(ratios)):.3f}")


def table(out, side, cc):
    rates = sorted({k[4] for k in out if k[:2] == (side, cc)})
    print_to = ["| loss | RTT | " + " | ".join(f"{r // 1000} Mbit/s" for r in rates) + " |",
                "|---|---|" + "---|" * len(rates)]
    for loss, rtt in sorted({k[2:4] for k in out if k[:2] == (side, cc)}):
        row = f"| {loss / 1000:g} % | {rtt} ms |"
        for rate in rates:
            found = [c for k, c in out.items() if k[:5] == (side, cc, loss, rtt, rate)]
            row += (f" {found[0].mean('linux'):.2f}, {found[0].mean('plumb'):.2f}: "
                    f"**{found[0].ratio():.2f}** ± {found[0].error():.2f} |" if found else " |")
        print_to.append(row)
    return "\n".join(print_to)


def page(path, doc, svg):
    with open(sys.argv[0].replace("matrix.py", "page.md")) as file:
        text = file.read()
    out = read(path)

    notes = sys.argv[0].replace("matrix.py", "notes.md")
    if os.path.exists(notes):
        with open(notes) as file:
            text = text.replace("@note@", "\n" + file.read())
    text = text.replace("@note@\n", "")

    def fill(match):
        what = match.group(1).split()
        if what[0] == "totals":
            return totals([c for k, c in out.items() if what[1] in ("all", k[0])])
        if what[0] == "runs":
            counts = {len(c.mbit["linux"]) for k, c in out.items() if k[2]}
            return " to ".join(str(n) for n in sorted({min(counts), max(counts)}))
        return table(out, *what)

    with open(doc, "w") as file:
        file.write(re.sub(r"@([a-z ]+)@", fill, text))
    with open(svg, "w") as file:
        file.write(picture(out))


# ---- the picture ----

CW, CH = 118, 30  # of a cell


def colour(ratio):
    """White at 1, blue above, red below; full at a factor of 1.5."""
    x = max(-1.0, min(1.0, math.log(ratio) / math.log(1.5)))
    fade = round(255 * (1 - abs(x)))
    return f"rgb({fade},{fade + (255 - fade) // 3},255)" if x >= 0 else f"rgb(255,{fade},{fade})"


def panel(out, side, cc, x, y, title):
    s = [f'<text x="{x}" y="{y - 34}" class="h">{title}</text>']
    rates = sorted({k[4] for k in out if k[:2] == (side, cc)})
    rows = sorted({k[2:4] for k in out if k[:2] == (side, cc)})
    s.append(f'<text x="{x + 110}" y="{y - 18}" class="a">rate of the link, Mbit/s</text>')
    for j, rate in enumerate(rates):
        s.append(f'<text x="{x + 110 + CW * j + CW / 2}" y="{y - 4}" class="m">{rate // 1000}</text>')
    for i, (loss, rtt) in enumerate(rows):
        s.append(f'<text x="{x + 104}" y="{y + CH * i + 19}" class="e">'
                 f"{loss / 1000:g} %, {rtt} ms</text>")
        for j, rate in enumerate(rates):
            for key, c in out.items():
                if key[:5] != (side, cc, loss, rtt, rate):
                    continue
                s.append(f'<rect x="{x + 110 + CW * j}" y="{y + CH * i}" width="{CW}" height="{CH}" '
                         f'fill="{colour(c.ratio())}" stroke="#999"/>')
                s.append(f'<text x="{x + 110 + CW * j + CW / 2}" y="{y + CH * i + 13}" class="m b">'
                         f"{c.ratio():.2f}</text>")
                s.append(f'<text x="{x + 110 + CW * j + CW / 2}" y="{y + CH * i + 26}" class="m s">'
                         f"{c.mean('plumb'):.2f} : {c.mean('linux'):.2f}</text>")
    return "\n".join(s)


def picture(out):
    wide = 110 + 3 * CW + 40
    s = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{3 * wide + 20}" height="560" '
         f'viewBox="0 0 {3 * wide + 20} 560" font-family="sans-serif">',
         "<style>.h{font-size:15px;font-weight:bold}.a{font-size:12px;fill:#444}"
         ".m{font-size:12px;text-anchor:middle}.e{font-size:12px;text-anchor:end}.b{font-weight:bold}"
         ".s{font-size:10px;fill:#333}</style>",
         '<rect width="100%" height="100%" fill="white"/>',
         '<text x="20" y="28" font-size="19" font-weight="bold">Goodput of Plumb over that of Linux, '
         "the same algorithm</text>",
         '<text x="20" y="48" class="a">Rows: loss and round trip. In a cell: the ratio, and '
         "Plumb : Linux in Mbit/s.</text>"]
    for i, (side, cc, title) in enumerate((("sender", "reno", "Reno, senders compared"),
                                           ("sender", "cubic", "CUBIC, senders compared"),
                                           ("receiver", "cubic", "CUBIC, receivers compared"))):
        s.append(panel(out, side, cc, 20 + i * wide, 112, title))
    s.append('<text x="20" y="515" class="a">ratio</text>')
    for i, r in enumerate((0.67, 0.8, 0.9, 0.95, 1, 1.05, 1.1, 1.25, 1.5)):
        s.append(f'<rect x="{60 + 62 * i}" y="500" width="62" height="22" fill="{colour(r)}" '
                 f'stroke="#999"/><text x="{91 + 62 * i}" y="515" class="m">{r:g}</text>')
    s.append("</svg>\n")
    return "\n".join(s)


def judge(path):
    ratios = [c.ratio() for k, c in read(path).items()]
    sys.exit(min(ratios) < 0.9 or sum(r >= 1 - EQUAL for r in ratios) < 0.9 * len(ratios))


{"plan": lambda: plan(sys.argv[2:]), "judge": lambda: judge(sys.argv[2]), "show": lambda: show(sys.argv[2]),
 "page": lambda: page(*sys.argv[2:5])}[sys.argv[1]]()
