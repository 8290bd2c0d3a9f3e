/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The devices Plumb has hooked ("adopted").
 *
 * A device is adopted while it has an address of ours, or while the administrator
 * asked for it by plumb_link_adopt(); no reference to it is held. When the device is
 * unregistered or leaves the namespace, its adoption, addresses, neighbours and routes
 * go with it.
 */
#ifndef _PLUMB_IP_LINK_H
#define _PLUMB_IP_LINK_H

#include <linux/if.h>
#include <linux/types.h>

#include <plumb/net.h>

/**
 * struct plumb_link_info - an adopted device
 * @ifindex: the device
 * @name: its name
 * @mtu: bytes
 * @dev_flags: IFF_* as SIOCGIFFLAGS has them
 * @pinned: adopted by plumb_link_adopt(), so it stays without an address
 * @addresses: how many addresses it has
 */
struct plumb_link_info {
	int		ifindex;
	char		name[IFNAMSIZ];
	u32		mtu;
	u32		dev_flags;
	bool		pinned;
	unsigned int	addresses;
};

/**
 * plumb_link_adopt() - hook a device without giving it an address
 * @pn: the namespace
 * @ifindex: the device
 *
 * Context: process, RTNL held.
 * Return: 0 (also if it was pinned before); -ENODEV; -EBUSY: another module has hooked it;
 * -EOPNOTSUPP: it can not carry us; -ENOMEM.
 */
int plumb_link_adopt(struct plumb_net *pn, int ifindex);

/**
 * plumb_link_release() - undo plumb_link_adopt()
 * @pn: the namespace
 * @ifindex: the device
 *
 * Context: process, RTNL held.
 * Return: 0; -ENODEV; -ENOENT: it is not adopted; -EBUSY: it has addresses (delete them first).
 */
int plumb_link_release(struct plumb_net *pn, int ifindex);

/* Calls @fn for each adopted device, as plumb_addr_iterate() does. */
int plumb_link_iterate(struct plumb_net *pn,
		       int (*fn)(const struct plumb_link_info *l, void *arg), void *arg);

/*
 * Begin and end to hear of devices that change: after the namespaces have begun, before they
 * end.
 */
int plumb_link_init(void);
void plumb_link_exit(void);

#endif /* _PLUMB_IP_LINK_H */
