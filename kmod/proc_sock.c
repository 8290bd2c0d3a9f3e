// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/plumb/{tcp,udp,raw,icmp}: a line a socket. Rows are fetched from the protocol
 * a batch at a time; a reader that goes on where it stopped costs no second walk.
 */
#include <linux/jiffies.h>
#include <linux/proc_fs.h>
#include <net/tcp_states.h>

#include "proc.h"

#define PROC_BATCH	32
#define PROC_TCP_WIDTH	149		/* as wide as Linux's lines, padded with blanks */
#define PROC_UDP_WIDTH	127

/**
 * struct proc_rows - state of one open file
 * @p: the namespace; proc_create_net() wants it first
 * @pos: where the walk goes on after @rows
 * @at: position in the file of @rows[@i]; the first line is the header, at 0
 * @n: rows fetched
 * @i: the next to be shown
 * @rows: the batch
 */
struct proc_rows {
	struct seq_net_private		p;
	struct plumb_sockrow_pos	pos;
	loff_t				at;
	unsigned int			n, i;
	struct plumb_sockrow		rows[PROC_BATCH];
};

const unsigned int plumb_proc_sock_state = sizeof(struct proc_rows);

static void proc_rows_rewind(struct proc_rows *st)
{
	st->pos = (struct plumb_sockrow_pos){ 0 };
	st->at = 1;
	st->n = 0;
	st->i = 0;
}

/* The row at st->at, or NULL after the last. */
static void *proc_rows_get(struct seq_file *seq, enum plumb_sockrow_table table)
{
	struct proc_rows *st = seq->private;

	if (st->i >= st->n) {
		st->i = 0;
		st->n = plumb_proc_rows(table, plumb_net(seq_file_net(seq)), &st->pos,
					st->rows, PROC_BATCH);
	}
	return st->n ? &st->rows[st->i] : NULL;
}

static void *proc_rows_start(struct seq_file *seq, loff_t *pos, enum plumb_sockrow_table table)
{
	struct proc_rows *st = seq->private;

	if (!*pos || *pos < st->at || !st->at)
		proc_rows_rewind(st);
	if (!*pos)
		return SEQ_START_TOKEN;
	while (st->at < *pos) {
		if (!proc_rows_get(seq, table))
			return NULL;
		st->i++;
		st->at++;
	}
	return proc_rows_get(seq, table);
}

static void *proc_rows_next(struct seq_file *seq, void *v, loff_t *pos,
			    enum plumb_sockrow_table table)
{
	struct proc_rows *st = seq->private;

	++*pos;
	if (v != SEQ_START_TOKEN) {
		st->i++;
		st->at++;
	}
	return proc_rows_get(seq, table);
}

static void proc_rows_stop(struct seq_file *seq, void *v)
{
}

/* What the lines of all protocols begin with, up to the column "tr". */
static void proc_row_head(struct seq_file *seq, const struct plumb_sockrow *r, int width,
			  unsigned int slot)
{
	seq_printf(seq, "%*u: %08X:%04X %08X:%04X %02X %08X:%08X ", width, slot,
		   (__force u32)r->saddr, r->sport, (__force u32)r->daddr, r->dport,
		   r->state, r->tx_queue, r->rx_queue);
}

static unsigned int proc_row_uid(struct seq_file *seq, const struct plumb_sockrow *r)
{
	return from_kuid_munged(seq_user_ns(seq), r->uid);
}

static void proc_tcp_line(struct seq_file *seq, const struct plumb_sockrow *r)
{
	struct proc_rows *st = seq->private;
	clock_t when = jiffies_delta_to_clock_t(r->timer_when);

	proc_row_head(seq, r, 4, st->at - 1);
	seq_printf(seq, "%02X:%08lX %08X ", r->timer, when, r->retransmits);
	switch (r->kind) {
	case PLUMB_ROW_SOCK:
		seq_printf(seq, "%5u %8u %lu %d %pK %lu %lu %u %u %d", proc_row_uid(seq, r),
			   r->probes, r->ino, r->refcnt, r->object,
			   (unsigned long)jiffies_to_clock_t(r->rto),
			   (unsigned long)jiffies_to_clock_t(r->ato),
			   r->ack_mode, r->cwnd, r->ssthresh);
		break;
	case PLUMB_ROW_REQUEST:
		seq_printf(seq, "%5u %8d %d %d %pK", proc_row_uid(seq, r), 0, 0, 0, r->object);
		break;
	case PLUMB_ROW_TIMEWAIT:
		seq_printf(seq, "%5d %8d %d %d %pK", 0, 0, 0, r->refcnt, r->object);
		break;
	}
}

static int proc_tcp_show(struct seq_file *seq, void *v)
{
	seq_setwidth(seq, PROC_TCP_WIDTH);
	if (v == SEQ_START_TOKEN)
		seq_puts(seq, "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode");
	else
		proc_tcp_line(seq, v);
	seq_pad(seq, '\n');
	return 0;
}

/* Datagram sockets have no timers. */
static void proc_dgram_line(struct seq_file *seq, const struct plumb_sockrow *r, int width)
{
	proc_row_head(seq, r, width, r->slot);
	seq_printf(seq, "%02X:%08lX %08X %5u %8d %lu %d %pK %u", 0, 0L, 0, proc_row_uid(seq, r), 0,
		   r->ino, r->refcnt, r->object, r->drops);
}

#define PROC_DGRAM_TITLE "sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops"

static int proc_udp_show(struct seq_file *seq, void *v)
{
	seq_setwidth(seq, PROC_UDP_WIDTH);
	if (v == SEQ_START_TOKEN)
		seq_puts(seq, "   " PROC_DGRAM_TITLE);
	else
		proc_dgram_line(seq, v, 5);
	seq_pad(seq, '\n');
	return 0;
}

static int proc_ping_show(struct seq_file *seq, void *v)
{
	seq_setwidth(seq, PROC_UDP_WIDTH);
	if (v == SEQ_START_TOKEN)
		seq_puts(seq, "  " PROC_DGRAM_TITLE);
	else
		proc_dgram_line(seq, v, 5);
	seq_pad(seq, '\n');
	return 0;
}

static int proc_raw_show(struct seq_file *seq, void *v)
{
	if (v == SEQ_START_TOKEN)
		seq_puts(seq, "  " PROC_DGRAM_TITLE);
	else
		proc_dgram_line(seq, v, 4);
	seq_putc(seq, '\n');
	return 0;
}

#define PROC_ROWS(name, table)							\
static void *proc_##name##_start(struct seq_file *seq, loff_t *pos)		\
{										\
	return proc_rows_start(seq, pos, table);				\
}										\
										\
static void *proc_##name##_next(struct seq_file *seq, void *v, loff_t *pos)	\
{										\
	return proc_rows_next(seq, v, pos, table);				\
}										\
										\
const struct seq_operations plumb_proc_##name##_ops = {				\
	.start = proc_##name##_start,						\
	.next = proc_##name##_next,						\
	.stop = proc_rows_stop,							\
	.show = proc_##name##_show,						\
}

PROC_ROWS(tcp, PLUMB_ROWS_TCP);
PROC_ROWS(udp, PLUMB_ROWS_UDP);
PROC_ROWS(raw, PLUMB_ROWS_RAW);
PROC_ROWS(ping, PLUMB_ROWS_PING);
