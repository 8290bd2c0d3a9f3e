// SPDX-License-Identifier: GPL-2.0
/*
 * Cutting a packet that is larger than the way's MTU (RFC 791 3.2): each piece is a packet of
 * its own, with the options that are to be copied, and goes out as it is made.
 */
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/sock.h>

#include <plumb/drop.h>
#include <plumb/mib.h>

#include "../../kmod/compat/ip.h"
#include "layer.h"

/*
 * struct frag_plan - how a packet is cut
 * @skb: the packet
 * @ip: its header; of the piece to come, as it goes on
 * @at: octets of payload cut so far
 * @left: octets still to go
 * @last_mf: the packet is itself a fragment with more behind it
 * @base: its own offset, if it is a fragment
 * @optlen: octets of options in the pieces after the first
 * @opt: those
 */
struct frag_plan {
	struct sk_buff	*skb;
	struct wire_ipv4 ip;
	unsigned int	at;
	unsigned int	left;
	bool		last_mf;
	unsigned int	base;
	u8		optlen;
	u8		opt[WIRE_IPV4_HLEN_MAX - WIRE_IPV4_HLEN];
};

static struct sk_buff *frag_alloc(const struct sk_buff *skb, unsigned int len)
{
	struct sk_buff *piece;

	piece = alloc_skb(PLUMB_IP_HEADROOM + len, GFP_ATOMIC | __GFP_NOWARN);
	if (!piece)
		return NULL;
	skb_reserve(piece, PLUMB_IP_HEADROOM);
	piece->dev = skb->dev;
	piece->protocol = skb->protocol;
	piece->priority = skb->priority;
	piece->mark = skb->mark;
	piece->pkt_type = skb->pkt_type;
	if (skb->sk)
		skb_set_owner_w(piece, skb->sk);
	return piece;
}

/* The next piece: @len octets of payload. */
static struct sk_buff *frag_piece(struct frag_plan *p, unsigned int len)
{
	unsigned int from = skb_transport_offset(p->skb) + p->at;
	struct sk_buff *piece = frag_alloc(p->skb, len);
	const u8 *opt;

	if (!piece)
		return NULL;
	if (skb_copy_bits(p->skb, from, skb_put(piece, len), len)) {
		kfree_skb(piece);
		return NULL;
	}
	skb_reset_transport_header(piece);
	p->ip.offset = p->base + p->at;
	p->ip.mf = p->last_mf || len < p->left;
	p->ip.tot_len = p->ip.hlen + len;
	opt = p->at ? p->opt : skb_network_header(p->skb) + WIRE_IPV4_HLEN;
	__skb_push(piece, p->ip.hlen);
	skb_reset_network_header(piece);
	wire_ipv4_emit(piece->data, &p->ip, opt);
	return piece;
}

static int frag_send_all(struct plumb_net *pn, const struct plumb_path *path,
			 struct frag_plan *p)
{
	struct sk_buff *piece;
	unsigned int len;
	int err;

	while (p->left) {
		len = path->mtu - p->ip.hlen;
		len = p->left <= len ? p->left : len & ~7U;
		piece = frag_piece(p, len);
		if (!piece)
			return -ENOMEM;
		PLUMB_IP_INC(pn, IPSTATS_MIB_FRAGCREATES);
		err = plumb_ip_to_link(pn, path, piece);
		if (err)
			return err;
		p->at += len;
		p->left -= len;
		p->ip.hlen = WIRE_IPV4_HLEN + p->optlen;
	}
	return 0;
}

static int frag_plan(struct frag_plan *p, struct sk_buff *skb, u32 mtu)
{
	const u8 *h = skb_network_header(skb);

	if (wire_ipv4_parse(h, skb->len, &p->ip) != WIRE_IPV4_OK)
		return -EINVAL;
	if (p->ip.hlen + 8 > mtu)
		return -EMSGSIZE;
	skb_set_transport_header(skb, p->ip.hlen);
	p->skb = skb;
	p->at = 0;
	p->left = skb->len - p->ip.hlen;
	p->last_mf = p->ip.mf;
	p->base = p->ip.offset;
	p->optlen = wire_ipv4_options_copied(p->opt, h + WIRE_IPV4_HLEN,
					     p->ip.hlen - WIRE_IPV4_HLEN);
	return 0;
}

static int frag_one(struct plumb_net *pn, const struct plumb_path *path, struct sk_buff *skb)
{
	struct frag_plan p;
	int err;

	/* The transport's checksum covers all pieces: it must be there before they part. */
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		err = skb_checksum_help(skb);
		if (err)
			goto fail;
	}
	err = frag_plan(&p, skb, path->mtu);
	if (err)
		goto fail;
	err = frag_send_all(pn, path, &p);
	if (err)
		goto fail;
	PLUMB_IP_INC(pn, IPSTATS_MIB_FRAGOKS);
	consume_skb(skb);
	return 0;

fail:
	PLUMB_IP_INC(pn, IPSTATS_MIB_FRAGFAILS);
	plumb_drop(pn, skb, err == -EMSGSIZE ? PLUMB_DROP_IP_TOO_BIG : PLUMB_DROP_NO_MEMORY);
	return err;
}

/* A packet that was to be segmented by the device, but whose segments do not fit the way. */
static int frag_gso(struct plumb_net *pn, const struct plumb_path *path, struct sk_buff *skb)
{
	struct sk_buff *segs, *seg, *next;
	int err = 0, ret;

	segs = skb_gso_segment(skb, netif_skb_features(skb) & ~NETIF_F_GSO_MASK);
	if (IS_ERR_OR_NULL(segs)) {
		plumb_drop(pn, skb, PLUMB_DROP_NO_MEMORY);
		return -ENOMEM;
	}
	consume_skb(skb);
	skb_list_walk_safe(segs, seg, next) {
		skb_mark_not_on_list(seg);
		ret = seg->len <= path->mtu ? plumb_ip_to_link(pn, path, seg) :
					      frag_one(pn, path, seg);
		err = err ?: ret;
	}
	return err;
}

int plumb_ip_fragment(struct plumb_net *pn, const struct plumb_path *path, struct sk_buff *skb)
{
	return skb_is_gso(skb) ? frag_gso(pn, path, skb) : frag_one(pn, path, skb);
}
