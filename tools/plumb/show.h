/* SPDX-License-Identifier: GPL-2.0 */
/* One object of each kind as a line, for `show` and for `monitor`. @tb: by PLUMB_A_*. */
#ifndef PLUMB_SHOW_H
#define PLUMB_SHOW_H

#include <libmnl/libmnl.h>

void show_addr(const struct nlattr **tb);	/* the part behind the device's line */
void show_link(const struct nlattr **tb);
void show_route(const struct nlattr **tb);
void show_neigh(const struct nlattr **tb);

#endif /* PLUMB_SHOW_H */
