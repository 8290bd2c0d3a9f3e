# SPDX-License-Identifier: GPL-2.0
# Says what each line of tcpdump -nn -t means. -v me=ADDRESS is Plumb's own,
# -v peer=NAME whose stack the other is.

function say(from, what, why)
{
	printf "%-8s %-46s %s\n", from == me ? "Plumb" : peer, what, why
}

$1 == "ARP," && $2 == "Request" {
	sub(/,$/, "", $6)
	say($6, "ARP request: who has " $4 "?", $4 == me && $6 == me ? "I announce myself" : "which MAC address does it have")
	next
}
$1 == "ARP," && $2 == "Reply" {
	sub(/,$/, "", $5)
	say($3, "ARP reply: " $3 " is at " $5, "frames can be addressed now")
	next
}
$1 == "IP" && $6 == "Flags" || $5 == "Flags" {
	from = $2
	sub(/\.[0-9]+$/, "", from)
	flags = $0
	sub(/.*Flags \[/, "", flags)
	sub(/\].*/, "", flags)
	length_ = $0
	if (!sub(/.*length /, "", length_))
		length_ = 0
	length_ += 0
	if (flags == "S")
		say(from, "SYN", "handshake 1: my sequence numbers start here")
	else if (flags == "S.")
		say(from, "SYN, ACK", "handshake 2: seen yours, mine start here")
	else if (flags ~ /R/)
		say(from, "RST", "reset: there is no such connection")
	else if (flags ~ /F/ && ++fins)
		say(from, "FIN" (length_ ? ", " length_ " bytes" : ""), "I have no more to send")
	else if (length_)
		say(from, "data: " length_ " bytes", text())
	else if (++acks == 1)
		say(from, "ACK", "handshake 3: connected")
	else
		say(from, "ACK", fins > 1 ? "arrived, your FIN too: over" : "arrived so far")
	next
}
{ print "         " $0 }

# The first line of HTTP, when tcpdump shows one.
function text(line)
{
	line = $0
	return sub(/.*: HTTP: /, "", line) ? "\"" line "\"" : ""
}
