/* SPDX-License-Identifier: GPL-2.0 */
/* TCP's sockets and figures for /proc. */
#ifndef _PLUMB_TCP_ITERATE_H
#define _PLUMB_TCP_ITERATE_H

void tcp_iterate_init(void);
void tcp_iterate_exit(void);

#endif /* _PLUMB_TCP_ITERATE_H */
