// SPDX-License-Identifier: GPL-2.0
/*
 * The driver's rings and filters on a register file of the test's own: what is written where, and
 * what is left alone.
 */
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/platform_device.h>

#include "drivers/nic/nic.h"

#include "kit.h"

#define REGS	0x8000	/* octets of registers that are looked at */

struct fake {
	struct net_device	*dev;
	struct platform_device	*pdev;
	u32			reg[REGS / 4];
	unsigned int		writes;
};

static u32 fake_read(void *bus, u32 reg)
{
	struct fake *f = bus;

	return f->reg[reg / 4];
}

static void fake_write(void *bus, u32 reg, u32 value)
{
	struct fake *f = bus;

	f->reg[reg / 4] = value;
	f->writes++;
}

static const struct nic_bus_ops fake_ops = {
	.read = fake_read,
	.write = fake_write,
};

static int fake_poll(struct napi_struct *napi, int budget)
{
	return 0;
}

static void fake_tick(struct work_struct *work)
{
}

static struct nic *nic_of(struct fake *f)
{
	return netdev_priv(f->dev);
}

static int nic_init(struct kunit *test)
{
	struct fake *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	struct nic *nic;

	if (!f)
		return -ENOMEM;
	f->pdev = platform_device_register_simple("plumb_kit", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(f->pdev))
		return PTR_ERR(f->pdev);
	f->dev = alloc_etherdev(sizeof(*nic));
	if (!f->dev || dma_coerce_mask_and_coherent(&f->pdev->dev, DMA_BIT_MASK(64))) {
		platform_device_unregister(f->pdev);
		return -ENOMEM;
	}
	eth_hw_addr_random(f->dev);
	nic = nic_of(f);
	nic->ops = &fake_ops;
	nic->bus = f;
	nic->netdev = f->dev;
	nic->dma = &f->pdev->dev;
	/* (Registering a device would do that.) */
	spin_lock_init(&f->dev->addr_list_lock);
	spin_lock_init(&nic->reg_lock);
	u64_stats_init(&nic->rx_stats.sync);
	INIT_DELAYED_WORK(&nic->tick, fake_tick);
	netif_napi_add(f->dev, &nic->napi, fake_poll);
	test->priv = f;
	return 0;
}

static void nic_exit(struct kunit *test)
{
	struct fake *f = test->priv;

	if (!f)
		return;
	cancel_delayed_work_sync(&nic_of(f)->tick);
	free_netdev(f->dev);
	platform_device_unregister(f->pdev);
}

/* --- rings --- */

static void ring_goes_round(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, nic_ring_next(0, 64), 1);
	KUNIT_EXPECT_EQ(test, nic_ring_next(63, 64), 0);
	KUNIT_EXPECT_EQ(test, nic_ring_span(5, 5, 64), 0);
	KUNIT_EXPECT_EQ(test, nic_ring_span(5, 9, 64), 4);
	KUNIT_EXPECT_EQ(test, nic_ring_span(62, 1, 64), 3);
	KUNIT_EXPECT_EQ(test, nic_ring_span(6, 5, 64), 63);
}

static void tx_ring_is_made_empty(struct kunit *test)
{
	struct fake *f = test->priv;
	struct nic_tx_ring ring;

	memset(&ring, 0xff, sizeof(ring));
	KUNIT_ASSERT_EQ(test, nic_tx_ring_alloc(nic_of(f), &ring, NIC_TX_MIN), 0);
	KUNIT_EXPECT_EQ(test, ring.count, NIC_TX_MIN);
	KUNIT_EXPECT_EQ(test, ring.clean, 0);
	KUNIT_EXPECT_EQ(test, ring.posted, 0);
	KUNIT_EXPECT_EQ(test, ring.use, 0);
	/* The adapter wants the ring at a multiple of 16 octets. */
	KUNIT_EXPECT_EQ(test, ring.dma & 15, 0);
	nic_tx_ring_free(nic_of(f), &ring);
	KUNIT_EXPECT_NULL(test, ring.desc);
	/* Twice is as once. */
	nic_tx_ring_free(nic_of(f), &ring);
}

/* Every slot but one has a buffer of its own, and the adapter hears of them once. */
static void expect_full(struct kunit *test, struct fake *f, unsigned int writes)
{
	struct nic_rx_ring *ring = &nic_of(f)->rx;
	u16 i, j;

	KUNIT_EXPECT_EQ(test, ring->use, ring->count - 1);
	KUNIT_EXPECT_EQ(test, f->reg[NIC_RDT / 4], ring->count - 1);
	KUNIT_EXPECT_EQ(test, f->writes, writes);
	KUNIT_EXPECT_FALSE(test, nic_rx_starved(nic_of(f)));
	KUNIT_EXPECT_NULL(test, ring->buf[ring->count - 1].page);
	for (i = 0; i < ring->count - 1; i++) {
		KUNIT_ASSERT_NOT_NULL(test, ring->buf[i].page);
		KUNIT_ASSERT_NE(test, le64_to_cpu(ring->desc[i].addr), 0);
		KUNIT_EXPECT_EQ(test, ring->desc[i].status, 0);
		for (j = 0; j < i; j++)
			KUNIT_ASSERT_NE(test, ring->desc[i].addr, ring->desc[j].addr);
	}
}

static void rx_ring_of(struct kunit *test, bool large)
{
	struct fake *f = test->priv;
	struct nic *nic = nic_of(f);
	struct nic_rx_ring *ring = &nic->rx;
	__le64 first;

	KUNIT_ASSERT_EQ(test, nic_rx_ring_alloc(nic, ring, NIC_RX_MIN, large), 0);
	KUNIT_EXPECT_TRUE(test, nic_rx_starved(nic));
	local_bh_disable();
	nic_rx_refill(nic);
	local_bh_enable();
	expect_full(test, f, 1);
	/* There is nothing more to give. */
	local_bh_disable();
	nic_rx_refill(nic);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, f->writes, 1);

	/* Ten frames were taken out: their buffers stay in their slots and are given again. */
	ring->clean = 10;
	first = ring->desc[0].addr;
	ring->desc[0].status = 0xff;
	local_bh_disable();
	nic_rx_refill(nic);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, ring->use, 9);
	KUNIT_EXPECT_EQ(test, f->reg[NIC_RDT / 4], 9);
	KUNIT_EXPECT_EQ(test, ring->desc[0].addr, first);
	KUNIT_EXPECT_EQ(test, ring->desc[0].status, 0);

	nic_rx_ring_rewind(nic);
	KUNIT_EXPECT_EQ(test, ring->clean, 0);
	KUNIT_EXPECT_EQ(test, ring->use, 0);
	nic_rx_ring_free(nic, ring);
	KUNIT_EXPECT_NULL(test, ring->desc);
	nic_rx_ring_free(nic, ring);
}

static void rx_ring_of_half_pages(struct kunit *test)
{
	rx_ring_of(test, false);
}

static void rx_ring_of_whole_pages(struct kunit *test)
{
	rx_ring_of(test, true);
}

/*
 * A frame in several buffers whose first holds less than its header: eth_type_trans() would take
 * from a linear part what is not in it. No adapter should write such; it is lost.
 */
static void rx_first_piece_holds_the_header(struct kunit *test)
{
	struct fake *f = test->priv;
	struct nic *nic = nic_of(f);
	struct nic_rx_ring *ring = &nic->rx;
	int done;

	KUNIT_ASSERT_EQ(test, nic_rx_ring_alloc(nic, ring, NIC_RX_MIN, true), 0);
	local_bh_disable();
	nic_rx_refill(nic);
	ring->desc[0].length = cpu_to_le16(1);
	ring->desc[0].status = NIC_RXD_DD;
	ring->desc[1].length = cpu_to_le16(100);
	ring->desc[1].status = NIC_RXD_DD | NIC_RXD_EOP;
	done = nic_rx_poll(nic, 16);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, done, 2);
	KUNIT_EXPECT_NULL(test, ring->skb);
	KUNIT_EXPECT_EQ(test, u64_stats_read(&nic->rx_stats.errors), 1);
	KUNIT_EXPECT_EQ(test, u64_stats_read(&nic->rx_stats.packets), 0);
	nic_rx_ring_free(nic, ring);
}

/* --- filters --- */

static u64 rar(struct fake *f, int n)
{
	return (u64)f->reg[NIC_RAH(n) / 4] << 32 | f->reg[NIC_RAL(n) / 4];
}

/* The manual's order: the first octet of the address is the lowest of RAL. */
static u64 rar_of(const u8 *a)
{
	return (u64)NIC_RAH_AV << 32 | (u64)a[5] << 40 | (u64)a[4] << 32 | (u64)a[3] << 24 |
	       a[2] << 16 | a[1] << 8 | a[0];
}

static void own_address_is_entry_0(struct kunit *test)
{
	struct fake *f = test->priv;
	unsigned int writes;

	nic_filter_address(nic_of(f));
	KUNIT_EXPECT_EQ(test, rar(f, 0), rar_of(f->dev->dev_addr));
	writes = f->writes;
	nic_filter_address(nic_of(f));
	KUNIT_EXPECT_EQ(test, f->writes, writes);
}

static void set_filters(struct fake *f)
{
	netif_addr_lock_bh(f->dev);
	nic_filter_set(nic_of(f));
	netif_addr_unlock_bh(f->dev);
}

static void multicast_is_hashed_by_bits_47_to_36(struct kunit *test)
{
	static const u8 groups[][ETH_ALEN] = {
		{ 0x01, 0x00, 0x5e, 0x00, 0x00, 0x01 }, { 0x01, 0x00, 0x5e, 0x7f, 0xff, 0xfa },
	};
	struct fake *f = test->priv;
	unsigned int writes;
	int i, bits = 0;
	u16 hash;

	for (i = 0; i < ARRAY_SIZE(groups); i++)
		KUNIT_ASSERT_EQ(test, dev_mc_add(f->dev, groups[i]), 0);
	set_filters(f);
	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		hash = (groups[i][5] << 8 | groups[i][4]) >> 4;
		KUNIT_EXPECT_TRUE(test, f->reg[NIC_MTA(hash >> 5) / 4] & BIT(hash & 31));
	}
	for (i = 0; i < NIC_MTA_WORDS; i++)
		bits += hweight32(f->reg[NIC_MTA(i) / 4]);
	KUNIT_EXPECT_EQ(test, bits, ARRAY_SIZE(groups));
	writes = f->writes;
	set_filters(f);
	KUNIT_EXPECT_EQ(test, f->writes, writes);
	dev_mc_flush(f->dev);
	set_filters(f);
	for (i = 0; i < NIC_MTA_WORDS; i++)
		KUNIT_EXPECT_EQ(test, f->reg[NIC_MTA(i) / 4], 0);
}

static void more_addresses_than_entries_take_them_all(struct kunit *test)
{
	u8 addr[ETH_ALEN] = { 2, 0, 0, 0, 0, 0 };
	struct fake *f = test->priv;
	int i;

	for (i = 1; i < NIC_RAR_ENTRIES; i++) {
		addr[5] = i;
		KUNIT_ASSERT_EQ(test, dev_uc_add(f->dev, addr), 0);
	}
	set_filters(f);
	KUNIT_EXPECT_FALSE(test, f->reg[NIC_RCTL / 4] & NIC_RCTL_UPE);
	for (i = 1; i < NIC_RAR_ENTRIES; i++)
		KUNIT_EXPECT_TRUE(test, f->reg[NIC_RAH(i) / 4] & NIC_RAH_AV);
	addr[5] = i;
	KUNIT_ASSERT_EQ(test, dev_uc_add(f->dev, addr), 0);
	set_filters(f);
	KUNIT_EXPECT_TRUE(test, f->reg[NIC_RCTL / 4] & NIC_RCTL_UPE);
	for (i = 1; i < NIC_RAR_ENTRIES; i++)
		KUNIT_EXPECT_EQ(test, f->reg[NIC_RAH(i) / 4], 0);
	dev_uc_flush(f->dev);
	set_filters(f);
	KUNIT_EXPECT_FALSE(test, f->reg[NIC_RCTL / 4] & NIC_RCTL_UPE);
}

static void flags_and_features_of_the_device_decide_rctl(struct kunit *test)
{
	struct fake *f = test->priv;
	struct nic *nic = nic_of(f);
	struct net_device *dev = f->dev;

	dev->flags = IFF_UP;
	dev->features = NETIF_F_HW_VLAN_CTAG_FILTER;
	KUNIT_EXPECT_EQ(test, nic_filter_rctl(nic) & (NIC_RCTL_UPE | NIC_RCTL_MPE | NIC_RCTL_VFE |
						      NIC_RCTL_SBP | NIC_RCTL_SECRC),
			NIC_RCTL_VFE | NIC_RCTL_SECRC);
	dev->flags |= IFF_ALLMULTI;
	KUNIT_EXPECT_EQ(test, nic_filter_rctl(nic) & (NIC_RCTL_UPE | NIC_RCTL_MPE), NIC_RCTL_MPE);
	dev->flags |= IFF_PROMISC;
	KUNIT_EXPECT_EQ(test, nic_filter_rctl(nic) & (NIC_RCTL_UPE | NIC_RCTL_MPE | NIC_RCTL_VFE),
			NIC_RCTL_UPE | NIC_RCTL_MPE);
	dev->features |= NETIF_F_RXALL | NETIF_F_RXFCS;
	KUNIT_EXPECT_EQ(test, nic_filter_rctl(nic) & (NIC_RCTL_SBP | NIC_RCTL_SECRC),
			NIC_RCTL_SBP);
	nic->rx.large = true;
	KUNIT_EXPECT_TRUE(test, nic_filter_rctl(nic) & NIC_RCTL_LPE);
}

static void vlans_have_a_bit_each(struct kunit *test)
{
	struct fake *f = test->priv;
	struct nic *nic = nic_of(f);

	/* Not while the adapter is down: it comes with the restoring. */
	nic_filter_vlan(nic, 100, true);
	KUNIT_EXPECT_EQ(test, f->reg[NIC_VFTA(100 >> 5) / 4], 0);
	nic_filter_restore(nic);
	KUNIT_EXPECT_EQ(test, f->reg[NIC_VFTA(100 >> 5) / 4], BIT(100 & 31));
	set_bit(NIC_F_UP, &nic->flags);
	nic_filter_vlan(nic, 101, true);
	nic_filter_vlan(nic, VLAN_VID_MASK, true);
	KUNIT_EXPECT_EQ(test, f->reg[NIC_VFTA(100 >> 5) / 4], BIT(100 & 31) | BIT(101 & 31));
	KUNIT_EXPECT_EQ(test, f->reg[NIC_VFTA(NIC_VFTA_WORDS - 1) / 4], BIT(31));
	nic_filter_vlan(nic, 100, false);
	KUNIT_EXPECT_EQ(test, f->reg[NIC_VFTA(100 >> 5) / 4], BIT(101 & 31));
}

/* What a reset left in the tables counts for nothing. */
static void restoring_writes_every_table(struct kunit *test)
{
	struct fake *f = test->priv;
	int i;

	nic_filter_address(nic_of(f));
	memset(f->reg, 0xff, sizeof(f->reg));
	nic_filter_restore(nic_of(f));
	KUNIT_EXPECT_EQ(test, rar(f, 0), rar_of(f->dev->dev_addr));
	for (i = 1; i < NIC_RAR_ENTRIES; i++)
		KUNIT_EXPECT_EQ(test, f->reg[NIC_RAH(i) / 4], 0);
	for (i = 0; i < NIC_MTA_WORDS; i++)
		KUNIT_EXPECT_EQ(test, f->reg[NIC_MTA(i) / 4], 0);
	for (i = 0; i < NIC_VFTA_WORDS; i++)
		KUNIT_EXPECT_EQ(test, f->reg[NIC_VFTA(i) / 4], 0);
}

/* The 82544 loses the word before an odd one. */
static void word_before_an_odd_one_is_put_back(struct kunit *test)
{
	struct fake *f = test->priv;
	struct nic *nic = nic_of(f);

	set_bit(NIC_F_NO_EERD, &nic->flags);
	set_bit(NIC_F_UP, &nic->flags);
	nic_filter_vlan(nic, 2 * 32, true);
	f->writes = 0;
	nic_filter_vlan(nic, 3 * 32, true);
	KUNIT_EXPECT_EQ(test, f->writes, 2);
	KUNIT_EXPECT_EQ(test, f->reg[NIC_VFTA(2) / 4], 1);
	KUNIT_EXPECT_EQ(test, f->reg[NIC_VFTA(3) / 4], 1);
}

static struct kunit_case nic_cases[] = {
	KUNIT_CASE(ring_goes_round),
	KUNIT_CASE(tx_ring_is_made_empty),
	KUNIT_CASE(rx_ring_of_half_pages),
	KUNIT_CASE(rx_ring_of_whole_pages),
	KUNIT_CASE(rx_first_piece_holds_the_header),
	KUNIT_CASE(own_address_is_entry_0),
	KUNIT_CASE(multicast_is_hashed_by_bits_47_to_36),
	KUNIT_CASE(more_addresses_than_entries_take_them_all),
	KUNIT_CASE(flags_and_features_of_the_device_decide_rctl),
	KUNIT_CASE(vlans_have_a_bit_each),
	KUNIT_CASE(restoring_writes_every_table),
	KUNIT_CASE(word_before_an_odd_one_is_put_back),
	{}
};

static struct kunit_suite nic_suite = {
	.name = "plumb_nic",
	.init = nic_init,
	.exit = nic_exit,
	.test_cases = nic_cases,
};

kunit_test_suite(nic_suite);
