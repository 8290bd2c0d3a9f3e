/* SPDX-License-Identifier: GPL-2.0 */
/* The LAN model's part of a network namespace. */
#ifndef _PLUMB_LAN_LAN_H
#define _PLUMB_LAN_LAN_H

#include <linux/list.h>

/**
 * struct plumb_lan - the media of a namespace
 * @media: struct lan_medium.list, under lan_mutex
 */
struct plumb_lan {
	struct list_head media;
};

#endif /* _PLUMB_LAN_LAN_H */
