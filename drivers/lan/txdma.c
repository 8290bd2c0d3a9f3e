// SPDX-License-Identifier: GPL-2.0
/*
 * Transmit: from the driver's descriptors to frames (8254x manual 3.3 to 3.5). Descriptors of a
 * packet are gathered, checksums and tags put in, a large TCP packet cut into segments; each frame
 * is then framed and offered to the segment, a PAUSE of ours before any other.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/in.h>
#include <net/checksum.h>

#include "adapter.h"
#include "../../kmod/compat/unaligned.h"

#define TDLEN_MASK		GENMASK(19, 7)
#define TXD_LEN_MASK		GENMASK(19, 0)
#define TXD_LEGACY_LEN_MASK	GENMASK(15, 0)
#define TXD_DTYP_MASK		GENMASK(23, 20)
#define TXD_LEGACY_IC		BIT(26)
#define IP_TOTAL_LENGTH		2
#define IP_ID			4
#define TCP_SEQ			4
#define TCP_FLAGS		13
#define TCP_FIN_PSH		0x09
#define PAUSE_FRAME_LEN		60

static u32 txdma_count(const struct lan_adapter *a)
{
	return (lan_reg(a, NIC_TDLEN) & TDLEN_MASK) / sizeof(union nic_tx_desc);
}

/* Any descriptor between head and tail? A tail outside of the ring is none of the ring's. */
static union nic_tx_desc *txdma_next(struct lan_adapter *a)
{
	u64 base = (u64)lan_reg(a, NIC_TDBAH) << 32 | (lan_reg(a, NIC_TDBAL) & ~15U);
	u32 head = lan_reg(a, NIC_TDH), tail = lan_reg(a, NIC_TDT), count = txdma_count(a);

	if (head == tail || head >= count || tail >= count)
		return NULL;
	dma_rmb();			/* the tail says that the descriptor is there */
	return lan_adapter_dma(a, base + head * sizeof(union nic_tx_desc),
			       sizeof(union nic_tx_desc));
}

/* The descriptor was used: report it if asked, step on. */
static void txdma_retire(struct lan_adapter *a, union nic_tx_desc *d, u32 cmd)
{
	u32 head = lan_reg(a, NIC_TDH) + 1, count = txdma_count(a), tail = lan_reg(a, NIC_TDT);

	if (head == count)
		head = 0;
	lan_reg_set(a, NIC_TDH, head);
	if (cmd & NIC_TXD_RS)
		lan_delay_tx(a, d, cmd);
	lan_delay_tx_left(a, tail >= head ? tail - head : count - head + tail);
}

static void txdma_context(struct lan_adapter *a, const union nic_tx_desc *d)
{
	struct lan_tx_context *c = &a->tx.ctx;
	u32 ip = le32_to_cpu(d->context.ip), tu = le32_to_cpu(d->context.tu);
	u32 cmd = le32_to_cpu(d->context.cmd_len), seg = le32_to_cpu(d->context.seg);

	c->ipcss = ip & 0xff;
	c->ipcso = ip >> 8 & 0xff;
	c->ipcse = ip >> 16;
	c->tucss = tu & 0xff;
	c->tucso = tu >> 8 & 0xff;
	c->tucse = tu >> 16;
	c->paylen = cmd & TXD_LEN_MASK;
	c->hdrlen = seg >> 8 & 0xff;
	c->mss = seg >> 16;
	c->tcp = cmd & NIC_TXC_TCP;
	c->ip = cmd & NIC_TXC_IP;
	c->tse = cmd & NIC_TXC_TSE;
}

/*
 * Adds a data descriptor's octets to the packet; what does not fit is cut, as the frame is too long
 * anyway.
 */
static void txdma_gather(struct lan_adapter *a, const union nic_tx_desc *d, u32 n)
{
	struct lan_txdma *t = &a->tx;
	void *src;

	n = min_t(u32, n, LAN_TX_PACKET_MAX - t->len);
	src = n ? lan_adapter_dma(a, le64_to_cpu(d->data.addr), n) : NULL;
	if (src)
		memcpy(t->pkt + t->len, src, n);
	else
		memset(t->pkt + t->len, 0, n);	/* master abort */
	t->len += n;
}

/* One data or legacy descriptor. Returns true at the end of a packet. */
static bool txdma_data(struct lan_adapter *a, const union nic_tx_desc *d, u32 cmd)
{
	u32 upper = le32_to_cpu(d->data.upper);
	struct lan_txdma *t = &a->tx;
	bool ext = cmd & NIC_TXD_DEXT;

	if (!t->len) {
		t->cmd = cmd;
		t->popts = ext ? upper >> NIC_TXD_POPTS_SHIFT & 0xff : 0;
		t->stamp = ext && upper & NIC_TXD_UPPER_STAMP;
	}
	txdma_gather(a, d, cmd & (ext ? TXD_LEN_MASK : TXD_LEGACY_LEN_MASK));
	if (!(cmd & NIC_TXD_EOP))
		return false;
	t->cmd |= cmd & NIC_TXD_VLE;
	t->tag = upper >> NIC_TXD_TAG_SHIFT;
	return true;
}

/* A packet whole from the ring to t->pkt, or false when the ring has none. */
static bool txdma_packet(struct lan_adapter *a)
{
	union nic_tx_desc *d;

	while ((d = txdma_next(a))) {
		u32 cmd = le32_to_cpu(READ_ONCE(d->data.cmd_len));
		bool whole = false;

		if (cmd & NIC_TXD_DEXT && !(cmd & TXD_DTYP_MASK))
			txdma_context(a, d);
		else
			whole = txdma_data(a, d, cmd);
		txdma_retire(a, d, cmd);
		if (whole)
			return true;
	}
	return false;
}

/* A checksum over [css, cse] put at cso; what stands there already is the pseudo header's part. */
static void txdma_sum(u8 *frame, u32 len, u32 css, u32 cso, u32 cse)
{
	u32 end = cse && cse < len ? cse + 1 : len;
	u16 sum;

	if (css >= end || cso + 2 > len)
		return;
	sum = (__force u16)ip_compute_csum(frame + css, end - css);
	put_unaligned(sum ?: (u16)0xffff, (u16 *)(frame + cso));
}

static void txdma_checksums(const struct lan_txdma *t, u8 *frame, u32 len)
{
	const struct lan_tx_context *c = &t->ctx;

	if (t->popts & NIC_TXD_POPTS_IXSM) {
		if (c->ipcso + 2U <= len)
			put_unaligned((u16)0, (u16 *)(frame + c->ipcso));
		txdma_sum(frame, len, c->ipcss, c->ipcso, c->ipcse);
	}
	if (t->popts & NIC_TXD_POPTS_TXSM)
		txdma_sum(frame, len, c->tucss, c->tucso, c->tucse);
}

/* The pseudo header's sum at TUCSO lacks the length in a TSO packet (3.5.7): add this segment's. */
static void txdma_pseudo_length(u8 *frame, u32 cso, u32 len)
{
	u32 sum = get_unaligned_be16(frame + cso) + len;

	put_unaligned_be16((sum & 0xffff) + (sum >> 16), frame + cso);
}

/*
 * One segment of a TSO packet (3.5.7): the headers with their changing fields, and the next MSS
 * octets.
 */
static u32 txdma_tso(struct lan_adapter *a)
{
	struct lan_txdma *t = &a->tx;
	const struct lan_tx_context *c = &t->ctx;
	u32 sent = t->tso_at - c->hdrlen, n = min_t(u32, c->mss, t->len - t->tso_at);
	u8 *f = t->frame, *ip = f + c->ipcss, *tcp = f + c->tucss;
	bool last = t->tso_at + n == t->len;

	memcpy(f, t->pkt, c->hdrlen);
	memcpy(f + c->hdrlen, t->pkt + t->tso_at, n);
	if (c->ip) {
		put_unaligned_be16(c->hdrlen + n - c->ipcss, ip + IP_TOTAL_LENGTH);
		put_unaligned_be16(get_unaligned_be16(ip + IP_ID) + t->tso_n, ip + IP_ID);
	}
	if (c->tcp) {
		put_unaligned_be32(get_unaligned_be32(tcp + TCP_SEQ) + sent, tcp + TCP_SEQ);
		if (!last)
			tcp[TCP_FLAGS] &= ~TCP_FIN_PSH;
		if (t->tso_n)
			tcp[TCP_FLAGS] &= ~0x80;	/* CWR goes with the first */
	}
	txdma_pseudo_length(f, c->tucso, c->hdrlen + n - c->tucss);
	t->tso_at += n;
	t->tso_n++;
	return c->hdrlen + n;
}

static bool txdma_tso_sane(const struct lan_txdma *t)
{
	const struct lan_tx_context *c = &t->ctx;

	return c->tse && c->mss && c->hdrlen >= c->tucss + 20U && c->tucss >= c->ipcss + 20U &&
	       c->tucso + 2U <= c->hdrlen && t->len > c->hdrlen &&
	       c->hdrlen + (u32)c->mss <= LAN_MAX_FRAME - 8;
}

static u32 txdma_insert_tag(struct lan_adapter *a, u8 *frame, u32 len)
{
	if (!(a->tx.cmd & NIC_TXD_VLE) || !(lan_reg(a, NIC_CTRL) & NIC_CTRL_VME) || len < 12)
		return len;
	memmove(frame + 16, frame + 12, len - 12);
	put_unaligned_be16(lan_reg(a, NIC_VET), frame + 12);
	put_unaligned_be16(a->tx.tag, frame + 14);
	return len + VLAN_HLEN;
}

/* The next frame, to t->frame; 0: there is none. */
static u32 txdma_frame(struct lan_adapter *a)
{
	struct lan_txdma *t = &a->tx;
	u32 len;

	while (!t->tso_at) {
		if (!txdma_packet(a))
			return 0;
		if (t->cmd & NIC_TXD_DEXT && t->cmd & NIC_TXD_TSE) {
			if (txdma_tso_sane(t)) {
				t->tso_at = t->ctx.hdrlen;
				t->tso_n = 0;
				lan_stat(a, NIC_TSCTC);
				break;
			}
			lan_stat(a, NIC_TSCTFC);
		} else if (t->len && t->len <= LAN_MAX_FRAME - 8) {
			len = t->len;
			memcpy(t->frame, t->pkt, len);
			t->len = 0;
			goto finish;
		}
		t->len = 0;			/* no frame can be made of that */
	}
	len = txdma_tso(a);
	if (t->tso_at == t->len) {
		t->tso_at = 0;
		t->len = 0;
	}
finish:
	txdma_checksums(t, t->frame, len);
	return txdma_insert_tag(a, t->frame, len);
}

static u32 txdma_pause_frame(struct lan_adapter *a)
{
	u8 *f = a->tx.frame;

	memset(f, 0, PAUSE_FRAME_LEN);
	put_unaligned_le32(lan_reg(a, NIC_FCAL), f);
	put_unaligned_le16(lan_reg(a, NIC_FCAH), f + 4);
	put_unaligned_le32(lan_reg(a, NIC_RAL(0)), f + 6);
	put_unaligned_le16(lan_reg(a, NIC_RAH(0)), f + 10);
	put_unaligned_be16(lan_reg(a, NIC_FCT), f + 12);
	put_unaligned_be16(1, f + 14);
	if (a->tx.pause == 1)
		put_unaligned_be16(lan_reg(a, NIC_FCTTV), f + 16);
	lan_stat(a, a->tx.pause == 1 ? NIC_XOFFTXC : NIC_XONTXC);
	a->tx.pause = 0;
	return PAUSE_FRAME_LEN;
}

/**
 * lan_txdma_fetch() - the segment asks for the next frame
 * @e: the adapter's end
 * @w: filled
 * @at_ns: the segment's time, at which the frame could begin
 *
 * Context: softirq, the medium's lock.
 * Return: false if there is none, or it may not be sent then.
 */
bool lan_txdma_fetch(struct lan_end *e, struct lan_wire *w, u64 at_ns)
{
	struct lan_adapter *a = container_of(e, struct lan_adapter, end);
	struct lan_txdma *t = &a->tx;
	bool ifcs = true;
	u32 len;

	if (!(lan_reg(a, NIC_TCTL) & NIC_TCTL_EN) || !a->link || READ_ONCE(a->stalled))
		return false;
	t->control = t->pause;
	if (t->pause) {
		len = txdma_pause_frame(a);
	} else {
		if (t->paused_until_ns > at_ns) {
			e->wake_ns = t->paused_until_ns;
			return false;
		}
		len = txdma_frame(a);
		if (!len)
			return false;
		ifcs = t->cmd & NIC_TXD_IFCS;
		if (ifcs && len < LAN_MIN_FRAME - LAN_FCS_LEN &&
		    !(lan_reg(a, NIC_TCTL) & NIC_TCTL_PSP)) {
			lan_frame_fcs(t->frame, len, t->frame + len);
			len += LAN_FCS_LEN;
			ifcs = false;		/* not padded (13.4.33) */
		}
	}
	t->n_wire = lan_frame_build(t->wire, t->frame, len, ifcs);
	w->octets = t->wire;
	w->n = t->n_wire;
	return true;
}

static u32 txdma_size_register(u32 len)
{
	if (len <= 64)
		return NIC_PTC64;
	if (len <= 127)
		return NIC_PTC127;
	if (len <= 255)
		return NIC_PTC255;
	if (len <= 511)
		return NIC_PTC511;
	return len <= 1023 ? NIC_PTC1023 : NIC_PTC1522;
}

/* The time at which the start delimiter had left, if that was asked for and the last was read. */
static void txdma_stamp(struct lan_adapter *a, u64 sfd_ns)
{
	struct lan_stamps *st = &a->stamps;

	if (!a->tx.stamp || (st->tx_ctl & (NIC_TSYNC_EN | NIC_TSYNC_VALID)) != NIC_TSYNC_EN)
		return;
	a->tx.stamp = false;
	st->tx = sfd_ns;
	st->tx_ctl |= NIC_TSYNC_VALID;
}

/**
 * lan_txdma_done() - a frame is off the medium, or was given up
 * @e: the adapter's end
 * @how: CSMA_SENT, or why not
 * @at_ns: the segment's time
 *
 * Context: softirq, the medium's lock.
 */
void lan_txdma_done(struct lan_end *e, enum csma_result how, u64 at_ns)
{
	struct lan_adapter *a = container_of(e, struct lan_adapter, end);
	const u8 *dest = a->tx.wire + LAN_LEAD_LEN;
	u32 len = a->tx.n_wire - LAN_LEAD_LEN;

	/* What was cut short is in no counter but those of CSMA/CD (13.7.42, 13.7.44). */
	if (how != CSMA_SENT)
		return;
	lan_stat(a, NIC_TPT);
	lan_stat_octets(a, NIC_TOTL, len);
	if (a->tx.control)
		return;
	txdma_stamp(a, at_ns - (u64)(8 * len) * a->bit_ns);
	if (len < LAN_MIN_FRAME)
		return;
	lan_stat(a, NIC_GPTC);
	lan_stat_octets(a, NIC_GOTCL, len);
	lan_stat(a, txdma_size_register(len));
	if (is_broadcast_ether_addr(dest))
		lan_stat(a, NIC_BPTC);
	else if (is_multicast_ether_addr(dest))
		lan_stat(a, NIC_MPTC);
}

static void txdma_stat_add(struct lan_adapter *a, u32 reg, u64 now, u64 *seen)
{
	u64 v = lan_reg(a, reg) + (now - *seen);

	lan_reg_set(a, reg, min_t(u64, v, U32_MAX));
	*seen = now;
}

/**
 * lan_txdma_stats() - take the collision counters over into the registers
 * @a: the adapter
 * @s: what CSMA/CD has counted for it so far
 *
 * Context: the medium's lock.
 */
void lan_txdma_stats(struct lan_adapter *a, const struct csma_stats *s)
{
	txdma_stat_add(a, NIC_COLC, s->collisions, &a->seen.collisions);
	txdma_stat_add(a, NIC_SCC, s->single, &a->seen.single);
	txdma_stat_add(a, NIC_MCC, s->multiple, &a->seen.multiple);
	txdma_stat_add(a, NIC_ECOL, s->excessive, &a->seen.excessive);
	txdma_stat_add(a, NIC_LATECOL, s->late, &a->seen.late);
	txdma_stat_add(a, NIC_DC, s->deferred, &a->seen.deferred);
}
