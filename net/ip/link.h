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
 * @share: Linux's addresses on it are ours too
 * @addresses: how many addresses it has
 */
struct plumb_link_info {
	int		ifindex;
	char		name[IFNAMSIZ];
	u32		mtu;
	u32		dev_flags;
	bool		pinned;
	bool		share;
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
 * Return: 0; -ENODEV; -ENOENT: it is not adopted; -EBUSY: it has addresses (delete them
 * first), or is shared.
 */
int plumb_link_release(struct plumb_net *pn, int ifindex);

/**
 * plumb_link_share() - use the addresses that Linux has on a device, and its routes
 * @pn: the namespace
 * @ifindex: the device; it is hooked if it is not yet
 *
 * Context: process, RTNL not held: it is taken.
 * Return: 0 (also if it was shared before); -ENODEV; -EBUSY: another module has hooked it;
 * -EOPNOTSUPP: it can not carry us; -EADDRINUSE: a port is bound in both stacks; -ENOMEM.
 */
int plumb_link_share(struct plumb_net *pn, int ifindex);

/**
 * plumb_link_unshare() - undo plumb_link_share()
 * @pn: the namespace
 * @ifindex: the device; it is released if it has no address of ours and was not adopted
 *
 * Context: process, RTNL not held: it is taken.
 * Return: 0; -ENODEV; -ENOENT: it is not shared.
 */
int plumb_link_unshare(struct plumb_net *pn, int ifindex);

/**
 * typedef plumb_link_ports_t - sharing begins or ends in a namespace: what becomes of ports?
 * @pn: the namespace
 * @shared: a device is shared; or none is any more
 *
 * Set by the layer that has the ports. Called under RTNL.
 *
 * Return: 0; -EADDRINUSE: a port of ours is Linux's too; -ENOMEM.
 */
typedef int (*plumb_link_ports_t)(struct plumb_net *pn, bool shared);
void plumb_link_ports_set(plumb_link_ports_t ports);

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
