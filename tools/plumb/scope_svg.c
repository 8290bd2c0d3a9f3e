// SPDX-License-Identifier: GPL-2.0
/*
 * plumb lan scope ... svg: a transmission as a picture: rows of bits with their waveform, coloured
 * and named by the field they belong to; above the bits of an octet its value, and its character
 * where it is text.
 */
#include "lan.h"

#define BITS_ROW	64
#define BIT_W		18
#define ROW_H		86
#define LEFT		20
#define TOP		60
#define WAVE_H		26

struct field {
	const char *name, *colour;
};

/* Behind the Ethernet header: the headers of IPv4 and TCP or UDP, if they are there, and data. */
static struct field payload_field(const struct scope_shot *s, uint32_t octet)
{
	struct field data = { "data", "#455a64" };
	uint32_t ip_end, tp_end;

	if (scope_octets(s) < 14 + 40 || scope_octet(s, 12) != 0x08 || scope_octet(s, 13))
		return data;
	ip_end = 14 + 4 * (scope_octet(s, 14) & 15U);
	if (octet < ip_end)
		return (struct field){ "IPv4 header", "#00838f" };
	if (scope_octet(s, 23) == 6 && ip_end + 20 <= scope_octets(s)) {
		tp_end = ip_end + 4 * (scope_octet(s, ip_end + 12) >> 4U);
		return octet < tp_end ? (struct field){ "TCP header", "#ad1457" } : data;
	}
	if (scope_octet(s, 23) == 17 && octet < ip_end + 8)
		return (struct field){ "UDP header", "#ad1457" };
	return data;
}

static struct field field_of(const struct scope_shot *s, uint32_t bit)
{
	uint32_t octets = scope_octets(s), octet;

	if (!s->lead || bit + 8 < s->lead)
		return (struct field){ s->lead ? "preamble" : "carrier", "#9aa5b1" };
	if (bit < s->lead)
		return (struct field){ "SFD", "#e0a030" };
	octet = (bit - s->lead) / 8;
	if (octet < 6)
		return (struct field){ "destination", "#3b82c4" };
	if (octet < 12)
		return (struct field){ "source", "#5aa469" };
	if (octet < 14)
		return (struct field){ "type", "#b5651d" };
	if (octets > 18 && octet >= octets - 4)
		return s->errors & 1 ? (struct field){ "FCS (bad)", "#c0392b" } :
				       (struct field){ "FCS", "#8e44ad" };
	return payload_field(s, octet);
}

static bool bit_at(const struct scope_shot *s, uint32_t i)
{
	return s->wire[i / 8] >> i % 8 & 1;
}

/* The signal of the row's bits: as it was sent, or plain levels where the medium codes none. */
static void svg_wave(FILE *to, const struct scope_shot *s, uint32_t first, uint32_t n, int y)
{
	double per_bit = s->signal ? (double)s->clock / (s->mbps * 1e6) : 1;
	uint32_t k, from = (uint32_t)(first * per_bit), end = (uint32_t)((first + n) * per_bit);
	uint32_t lead = s->signal ? s->levels_lead : 0;
	int mid = y + WAVE_H / 2;

	fprintf(to, "<polyline fill=\"none\" stroke=\"#d33\" stroke-width=\"1.3\" points=\"");
	for (k = from; k < end && (!s->signal || lead + k < s->levels); k++) {
		int level = s->signal ? scope_level(s, lead + k) : bit_at(s, k) ? 1 : -1;
		double x = LEFT + (k / per_bit - first) * BIT_W;

		fprintf(to, "%.1f,%d %.1f,%d ", x, mid - level * WAVE_H / 2, x + BIT_W / per_bit,
			mid - level * WAVE_H / 2);
	}
	fprintf(to, "\"/>\n");
}

static void svg_bit(FILE *to, const struct scope_shot *s, uint32_t bit, int x, int y)
{
	fprintf(to, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"18\" fill=\"%s\"/>\n", x, y + 16,
		BIT_W, field_of(s, bit).colour);
	fprintf(to, "<text x=\"%d\" y=\"%d\" class=\"b\">%d</text>\n", x + BIT_W / 2, y + 29,
		bit_at(s, bit));
}

/* Above the first bit of an octet of the frame: its value. */
static void svg_octet(FILE *to, const struct scope_shot *s, uint32_t bit, int x, int y)
{
	uint32_t octet = (bit - s->lead) / 8;
	uint8_t v;

	if (!s->lead || bit < s->lead || (bit - s->lead) % 8 || octet >= scope_octets(s))
		return;
	v = scope_octet(s, octet);
	fprintf(to, "<text x=\"%d\" y=\"%d\" class=\"o\">%02x", x + 6 * BIT_W, y + 11, v);
	if (field_of(s, bit).name[0] == 'd' && octet >= 14 && v >= 0x20 && v < 0x7f)
		fprintf(to, " &#8216;&#%u;&#8217;", v);
	fprintf(to, "</text>\n");
}

static void svg_row(FILE *to, const struct scope_shot *s, uint32_t first, int y)
{
	uint32_t i, n = s->bits - first < BITS_ROW ? s->bits - first : BITS_ROW;
	const char *last = "";

	for (i = 0; i < n; i++) {
		struct field f = field_of(s, first + i);
		int x = LEFT + (int)i * BIT_W;

		svg_bit(to, s, first + i, x, y);
		if (f.name != last)
			fprintf(to, "<text x=\"%d\" y=\"%d\" class=\"f\">%s</text>\n", x, y + 11,
				f.name);
		last = f.name;
		if (i + 8 <= n)
			svg_octet(to, s, first + i, x, y);
	}
	svg_wave(to, s, first, n, y + 40);
}

static void svg_style(FILE *to)
{
	fprintf(to, "<style>.b{fill:#fff;font:11px monospace;text-anchor:middle}\n");
	fprintf(to, ".f{font-size:11px;font-weight:bold}\n");
	fprintf(to, ".o{font:11px monospace;fill:#555;text-anchor:middle}</style>\n");
	fprintf(to, "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n");
}

void scope_svg(FILE *to, const struct scope_shot *s)
{
	uint32_t row, rows = (s->bits + BITS_ROW - 1) / BITS_ROW;
	int width = 2 * LEFT + BITS_ROW * BIT_W, height = TOP + (int)rows * ROW_H + 20;

	fprintf(to, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" ", width,
		height);
	fprintf(to, "font-family=\"sans-serif\">\n");
	svg_style(to);
	fprintf(to, "<text x=\"%d\" y=\"24\" font-size=\"16\">A frame on the wire: ", LEFT);
	fprintf(to, "%u bits at %u Mb/s, %.1f &#181;s%s</text>\n", s->bits, s->mbps,
		(double)s->bits / s->mbps, s->collided ? ", cut by a collision" : "");
	fprintf(to, "<text x=\"%d\" y=\"44\" font-size=\"12\">", LEFT);
	fprintf(to, "Bits in the order they are sent, ");
	fprintf(to, "least significant of an octet first; below them the %s.</text>\n",
		s->signal ? "signal on the pair" : "bits as levels");
	for (row = 0; row < rows; row++)
		svg_row(to, s, row * BITS_ROW, TOP + (int)row * ROW_H);
	fprintf(to, "</svg>\n");
}
