// SPDX-License-Identifier: GPL-2.0
/*
 * Where the protocols register their sockets for /proc. A walk runs under the table's
 * mutex, so that withdrawing one waits for it: readers of /proc are no hot path.
 */
#include <linux/mutex.h>

#include <plumb/sockrow.h>

#include "proc.h"

static DEFINE_MUTEX(sockrow_lock);
static plumb_sockrow_walk_t sockrow_walks[PLUMB_ROWS_NR];	/* guarded by sockrow_lock */
static plumb_sockstat_t sockrow_stats[PLUMB_ROWS_NR];		/* guarded by sockrow_lock */

void plumb_sockrow_set(enum plumb_sockrow_table table, plumb_sockrow_walk_t walk)
{
	mutex_lock(&sockrow_lock);
	sockrow_walks[table] = walk;
	mutex_unlock(&sockrow_lock);
}

void plumb_sockstat_set(enum plumb_sockrow_table table, plumb_sockstat_t fill)
{
	mutex_lock(&sockrow_lock);
	sockrow_stats[table] = fill;
	mutex_unlock(&sockrow_lock);
}

unsigned int plumb_proc_rows(enum plumb_sockrow_table table, struct plumb_net *pn,
			     struct plumb_sockrow_pos *pos, struct plumb_sockrow *rows,
			     unsigned int max)
{
	unsigned int n = 0;

	memset(rows, 0, max * sizeof(*rows));
	mutex_lock(&sockrow_lock);
	if (sockrow_walks[table])
		n = sockrow_walks[table](pn, pos, rows, max);
	mutex_unlock(&sockrow_lock);
	return n;
}

void plumb_proc_sockstat(enum plumb_sockrow_table table, struct plumb_net *pn,
			 struct plumb_sockstat *st)
{
	memset(st, 0, sizeof(*st));
	mutex_lock(&sockrow_lock);
	if (sockrow_stats[table])
		sockrow_stats[table](pn, st);
	mutex_unlock(&sockrow_lock);
}
