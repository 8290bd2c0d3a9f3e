// SPDX-License-Identifier: GPL-2.0
/* The TCP header (RFC 9293 3.1) and its options: RFC 9293, 7323, 2018, 7413, 2385. */
#include "tcp.h"

#define OPT_END		0
#define OPT_NOP		1
#define OPT_MSS		2
#define OPT_WSCALE	3
#define OPT_SACK_PERM	4
#define OPT_SACK	5
#define OPT_TS		8
#define OPT_MD5		19
#define OPT_FASTOPEN	34
#define OPT_EXP		254	/* RFC 6994: an experiment, told by a number of its own */
#define EXP_FASTOPEN	0xf989

#define LEN_MSS		4
#define LEN_WSCALE	3
#define LEN_SACK_PERM	2
#define LEN_SACK	8	/* a block */
#define LEN_TS		10
#define LEN_MD5		18

#define WSCALE_MAX	14	/* RFC 7323 2.3 */
#define FO_COOKIE_MIN	4	/* RFC 7413 4.1.1 */
#define FO_COOKIE_MAX	16

#define NOP_NOP_TS	0x0101080aU

static void options_sack(const u8 *p, unsigned int len, struct tcp_options *opt)
{
	unsigned int i;

	if (len < LEN_SACK || len % LEN_SACK)
		return;
	opt->has |= TCPO_SACK;
	opt->n_sack = len / LEN_SACK;
	if (opt->n_sack > TCP_ENGINE_MAX_SACK)
		opt->n_sack = TCP_ENGINE_MAX_SACK;
	for (i = 0; i < opt->n_sack; i++, p += LEN_SACK) {
		opt->sack[i].start = wire_get32(p);
		opt->sack[i].end = wire_get32(p + 4);
	}
}

static void options_ts(const u8 *p, struct tcp_options *opt)
{
	opt->has |= TCPO_TS;
	opt->tsval = wire_get32(p);
	opt->tsecr = wire_get32(p + 4);
}

static void options_fastopen(const u8 *p, unsigned int len, u8 how, struct tcp_options *opt)
{
	if (len && (len < FO_COOKIE_MIN || len > FO_COOKIE_MAX || len % 2))
		return;
	opt->has |= TCPO_FASTOPEN | how;
	opt->fo_len = len;
	opt->fo_cookie = p;
}

/* Options that have a meaning in a SYN alone. */
static void options_syn(u8 kind, const u8 *p, unsigned int len, struct tcp_options *opt)
{
	switch (kind) {
	case OPT_MSS:
		if (len != LEN_MSS - 2 || !wire_get16(p))
			break;
		opt->has |= TCPO_MSS;
		opt->mss = wire_get16(p);
		break;
	case OPT_WSCALE:
		if (len != LEN_WSCALE - 2)
			break;
		opt->has |= TCPO_WSCALE;
		opt->wscale = *p > WSCALE_MAX ? WSCALE_MAX : *p;
		break;
	case OPT_SACK_PERM:
		if (len == LEN_SACK_PERM - 2)
			opt->has |= TCPO_SACK_PERM;
		break;
	case OPT_FASTOPEN:
		options_fastopen(p, len, 0, opt);
		break;
	case OPT_EXP:
		if (len >= 2 && wire_get16(p) == EXP_FASTOPEN)
			options_fastopen(p + 2, len - 2, TCPO_FO_EXP, opt);
		break;
	}
}

/* One option's @len octets at @p, its kind and length octets not counted. */
static void options_one(u8 kind, const u8 *p, unsigned int len, bool syn, struct tcp_options *opt)
{
	switch (kind) {
	case OPT_TS:
		if (len == LEN_TS - 2)
			options_ts(p, opt);
		break;
	case OPT_SACK:
		if (!syn)
			options_sack(p, len, opt);
		break;
	case OPT_MD5:
		if (len == LEN_MD5 - 2) {
			opt->has |= TCPO_MD5;
			opt->md5 = p;
		}
		break;
	default:
		if (syn)
			options_syn(kind, p, len, opt);
	}
}

static void options_parse(const u8 *p, unsigned int len, bool syn, struct tcp_options *opt)
{
	while (len) {
		if (*p == OPT_END)
			return;
		if (*p == OPT_NOP) {
			p++;
			len--;
			continue;
		}
		if (len < 2 || p[1] < 2 || p[1] > len)
			return;
		options_one(p[0], p + 2, p[1] - 2, syn, opt);
		len -= p[1];
		p += p[1];
	}
}

void wire_tcp_parse(const u8 *p, unsigned int len, struct tcp_segin *in)
{
	unsigned int hlen = wire_tcp_hlen(p);

	in->seq = wire_get32(p + 4);
	in->ack = wire_get32(p + 8);
	in->len = len - hlen;
	in->flags = p[13];
	in->wnd = wire_get16(p + 14);
	in->up = wire_get16(p + 18);
	in->opt.has = 0;
	in->opt.n_sack = 0;
	if (hlen == WIRE_TCP_HLEN)
		return;
	/* What nearly every segment of a connection carries: nop, nop, timestamps. */
	if (hlen == WIRE_TCP_HLEN + 12 && wire_get32(p + WIRE_TCP_HLEN) == NOP_NOP_TS)
		options_ts(p + WIRE_TCP_HLEN + 4, &in->opt);
	else
		options_parse(p + WIRE_TCP_HLEN, hlen - WIRE_TCP_HLEN, in->flags & TCPF_SYN,
			      &in->opt);
}

unsigned int wire_tcp_options_size(const struct tcp_options *opt)
{
	unsigned int n = 0;

	if (opt->has == TCPO_TS)
		return 12;
	if (opt->has & TCPO_MD5)
		n += 20;
	if (opt->has & TCPO_MSS)
		n += 4;
	if (opt->has & TCPO_TS)
		n += 12;
	else if (opt->has & TCPO_SACK_PERM)
		n += 4;
	if (opt->has & TCPO_WSCALE)
		n += 4;
	if (opt->has & TCPO_SACK && opt->n_sack)
		n += 4 + opt->n_sack * LEN_SACK;
	if (opt->has & TCPO_FASTOPEN)
		n += ((opt->has & TCPO_FO_EXP ? 4 : 2) + opt->fo_len + 3) & ~3U;
	return n;
}

unsigned int wire_tcp_size(const struct tcp_segout *out)
{
	return WIRE_TCP_HLEN + (out->opt.has ? wire_tcp_options_size(&out->opt) : 0);
}

static u8 *put_head(u8 *p, u8 a, u8 b, u8 c, u8 d)
{
	p[0] = a;
	p[1] = b;
	p[2] = c;
	p[3] = d;
	return p + 4;
}

static u8 *put_ts(u8 *p, const struct tcp_options *opt)
{
	wire_put32(p, opt->tsval);
	wire_put32(p + 4, opt->tsecr);
	return p + 8;
}

static u8 *put_md5(u8 *p, const struct tcp_options *opt)
{
	p = put_head(p, OPT_NOP, OPT_NOP, OPT_MD5, LEN_MD5);
	if (opt->md5)
		memcpy(p, opt->md5, LEN_MD5 - 2);
	else
		memset(p, 0, LEN_MD5 - 2);
	return p + LEN_MD5 - 2;
}

static u8 *put_sack(u8 *p, const struct tcp_options *opt)
{
	unsigned int i;

	p = put_head(p, OPT_NOP, OPT_NOP, OPT_SACK, 2 + opt->n_sack * LEN_SACK);
	for (i = 0; i < opt->n_sack; i++, p += LEN_SACK) {
		wire_put32(p, opt->sack[i].start);
		wire_put32(p + 4, opt->sack[i].end);
	}
	return p;
}

static u8 *put_fastopen(u8 *p, const struct tcp_options *opt)
{
	bool exp = opt->has & TCPO_FO_EXP;
	unsigned int len = (exp ? 4 : 2) + opt->fo_len;

	*p++ = exp ? OPT_EXP : OPT_FASTOPEN;
	*p++ = len;
	if (exp) {
		wire_put16(p, EXP_FASTOPEN);
		p += 2;
	}
	if (opt->fo_len)
		memcpy(p, opt->fo_cookie, opt->fo_len);
	p += opt->fo_len;
	for (; len % 4; len++)
		*p++ = OPT_NOP;
	return p;
}

/* Linux's order: a filter or a fingerprint sees no difference. */
static u8 *put_options(u8 *p, const struct tcp_options *opt)
{
	if (opt->has & TCPO_MD5)
		p = put_md5(p, opt);
	if (opt->has & TCPO_MSS) {
		p[0] = OPT_MSS;
		p[1] = LEN_MSS;
		wire_put16(p + 2, opt->mss);
		p += LEN_MSS;
	}
	if (opt->has & TCPO_TS) {
		if (opt->has & TCPO_SACK_PERM)
			p = put_head(p, OPT_SACK_PERM, LEN_SACK_PERM, OPT_TS, LEN_TS);
		else
			p = put_head(p, OPT_NOP, OPT_NOP, OPT_TS, LEN_TS);
		p = put_ts(p, opt);
	} else if (opt->has & TCPO_SACK_PERM) {
		p = put_head(p, OPT_NOP, OPT_NOP, OPT_SACK_PERM, LEN_SACK_PERM);
	}
	if (opt->has & TCPO_WSCALE)
		p = put_head(p, OPT_NOP, OPT_WSCALE, LEN_WSCALE, opt->wscale);
	if (opt->has & TCPO_SACK && opt->n_sack)
		p = put_sack(p, opt);
	if (opt->has & TCPO_FASTOPEN)
		p = put_fastopen(p, opt);
	return p;
}

unsigned int wire_tcp_emit(u8 *p, const struct tcp_segout *out, u16 sport, u16 dport)
{
	u8 *end = p + WIRE_TCP_HLEN;

	wire_put16(p, sport);
	wire_put16(p + 2, dport);
	wire_put32(p + 4, out->seq);
	wire_put32(p + 8, out->ack);
	p[13] = out->flags;
	wire_put16(p + 14, out->wnd);
	wire_put16(p + WIRE_TCP_CSUM_AT, 0);
	wire_put16(p + 18, out->up);
	if (out->opt.has == TCPO_TS) {
		end = put_head(end, OPT_NOP, OPT_NOP, OPT_TS, LEN_TS);
		end = put_ts(end, &out->opt);
	} else if (out->opt.has) {
		end = put_options(end, &out->opt);
	}
	p[12] = (end - p) / 4 << 4;
	return end - p;
}
