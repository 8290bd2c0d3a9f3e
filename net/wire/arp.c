// SPDX-License-Identifier: GPL-2.0
/* ARP messages (RFC 826): octets to a checked value and back. */
#include "arp.h"

#define ARP_HRD_ETHERNET	1
#define ARP_HRD_IEEE802		6	/* accepted like 1: RFC 1122 2.3.3 hosts exist */
#define ARP_PRO_IPV4		0x0800

bool wire_arp_parse(const u8 *p, unsigned int len, struct wire_arp *arp)
{
	u16 hrd;

	if (len < WIRE_ARP_LEN)
		return false;
	hrd = wire_get16(p);
	if (hrd != ARP_HRD_ETHERNET && hrd != ARP_HRD_IEEE802)
		return false;
	if (wire_get16(p + 2) != ARP_PRO_IPV4 || p[4] != WIRE_ETH_ALEN || p[5] != 4)
		return false;
	arp->op = wire_get16(p + 6);
	if (arp->op != WIRE_ARP_REQUEST && arp->op != WIRE_ARP_REPLY)
		return false;
	memcpy(arp->sha, p + 8, WIRE_ETH_ALEN);
	arp->spa = wire_get_addr(p + 14);
	memcpy(arp->tha, p + 18, WIRE_ETH_ALEN);
	arp->tpa = wire_get_addr(p + 24);
	return !wire_eth_is_group(arp->sha) && !wire_eth_is_zero(arp->sha);
}

void wire_arp_emit(u8 *p, const struct wire_arp *arp)
{
	wire_put16(p, ARP_HRD_ETHERNET);
	wire_put16(p + 2, ARP_PRO_IPV4);
	p[4] = WIRE_ETH_ALEN;
	p[5] = 4;
	wire_put16(p + 6, arp->op);
	memcpy(p + 8, arp->sha, WIRE_ETH_ALEN);
	wire_put_addr(p + 14, arp->spa);
	memcpy(p + 18, arp->tha, WIRE_ETH_ALEN);
	wire_put_addr(p + 24, arp->tpa);
}
