// SPDX-License-Identifier: GPL-2.0
/*
 * Bringing the adapter up and down: open and stop, the reset after a hang, new
 * rings while it runs, and the watchdog. All but the watchdog under RTNL.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>

#include "nic.h"

#define STATS_PERIOD	(30 * HZ)	/* 32 bit counters last longer than this */

/**
 * nic_up() - start an adapter whose rings and interrupt are there
 * @nic: the adapter, stopped
 *
 * Context: may sleep; RTNL held.
 * Return: 0 or -ENODEV if it is gone.
 */
int nic_up(struct nic *nic)
{
	int err;

	if (nic_rd(nic, NIC_STATUS) == NIC_GONE) {
		set_bit(NIC_F_GONE, &nic->flags);
		return -ENODEV;
	}
	nic_hw_reset(nic);
	nic_hw_configure(nic);
	nic_tx_configure(nic);
	nic_rx_configure(nic);
	nic_stamp_configure(nic);

	nic->itr = ~0u;		/* not known */
	nic_irq_moderate(nic, nic->rx_usecs);
	nic->stuck_since = jiffies;
	nic->stats_due = jiffies + STATS_PERIOD;
	/* Before anybody looks: the MAC says that there is no link until CTRL.SLU is set. */
	err = nic_link_start(nic, false);
	if (err)
		netdev_warn(nic->netdev, "the PHY does not answer: error %d\n", err);
	set_bit(NIC_F_UP, &nic->flags);
	napi_enable(&nic->napi);
	nic_irq_on(nic);
	netif_tx_start_all_queues(nic->netdev);
	schedule_work(&nic->link_work);
	schedule_delayed_work(&nic->tick, NIC_TICK);
	return 0;
}

/**
 * nic_down() - stop an adapter
 * @nic: the adapter, running
 * @keep: where packets go that it has not sent, for nic_tx_again(); NULL: they are
 *	thrown away
 *
 * In this order: no new packet, no interrupt, no poll (either may have woken
 * the queue meanwhile, so it is stopped again), no work, no DMA; then the packets
 * in the ring can be freed. Context: may sleep; RTNL held.
 */
void nic_down(struct nic *nic, struct sk_buff_head *keep)
{
	struct net_device *dev = nic->netdev;

	clear_bit(NIC_F_UP, &nic->flags);
	netif_tx_disable(dev);
	nic_irq_off(nic);
	napi_disable(&nic->napi);
	hrtimer_cancel(&nic->look);	/* the poll alone starts it */
	netif_tx_disable(dev);
	cancel_delayed_work_sync(&nic->tick);	/* before what it queues */
	cancel_work_sync(&nic->link_work);
	nic_stamp_stop(nic);
	if (!keep)		/* without a carrier the queue in front of us is emptied too */
		netif_carrier_off(dev);
	nic_hw_stop(nic);
	nic_stats_update(nic);
	nic_tx_ring_empty(nic, keep);
	nic_rx_ring_rewind(nic);
}

/* ndo_open. Return: 0 or a negative errno, with nothing held. */
int nic_open(struct net_device *dev)
{
	struct nic *nic = netdev_priv(dev);
	int err;

	netif_carrier_off(dev);
	/* One that was out of its slot may be back: nic_up() looks. */
	clear_bit(NIC_F_GONE, &nic->flags);
	err = nic_tx_ring_alloc(nic, &nic->tx, nic->tx_count);
	if (err)
		return err;
	err = nic_rx_ring_alloc(nic, &nic->rx, nic->rx_count,
				nic_hw_large(nic, dev->mtu, dev->features));
	if (err)
		goto err_tx;
	err = nic_irq_request(nic, nic_irq_handler);
	if (err)
		goto err_rx;
	err = nic_up(nic);
	if (err)
		goto err_irq;
	return 0;

err_irq:
	nic_irq_free(nic);
err_rx:
	nic_rx_ring_free(nic, &nic->rx);
err_tx:
	nic_tx_ring_free(nic, &nic->tx);
	return err;
}

/* ndo_stop. It may have been stopped before: by a suspend or shutdown, or a failed resume. */
int nic_stop(struct net_device *dev)
{
	struct nic *nic = netdev_priv(dev);

	if (!nic->tx.desc)
		return 0;
	if (test_bit(NIC_F_UP, &nic->flags))
		nic_down(nic, NULL);
	nic_irq_free(nic);
	nic_rx_ring_free(nic, &nic->rx);
	nic_tx_ring_free(nic, &nic->tx);
	return 0;
}

/* Up, with what the ring held; what nic_up() said. */
static int nic_up_again(struct nic *nic, struct sk_buff_head *kept)
{
	int err = nic_up(nic);

	if (err) {
		netif_carrier_off(nic->netdev);
		__skb_queue_purge(kept);
	} else {
		nic_tx_again(nic, kept);
	}
	return err;
}

/**
 * nic_reopen() - give a running adapter other rings
 * @nic: the adapter
 * @tx_count: transmit descriptors
 * @rx_count: receive descriptors
 * @large: kind of receive buffer, see struct nic_rx_ring
 *
 * The new rings stand before the old ones are touched. Context: may sleep;
 * RTNL held.
 * Return: 0, or -ENOMEM with everything as before; -ENODEV if it is gone.
 */
int nic_reopen(struct nic *nic, u16 tx_count, u16 rx_count, bool large)
{
	struct sk_buff_head kept;
	struct nic_tx_ring tx;
	struct nic_rx_ring rx;
	int err;

	err = nic_tx_ring_alloc(nic, &tx, tx_count);
	if (err)
		return err;
	err = nic_rx_ring_alloc(nic, &rx, rx_count, large);
	if (err) {
		nic_tx_ring_free(nic, &tx);
		return err;
	}
	__skb_queue_head_init(&kept);
	nic_down(nic, &kept);
	nic_rx_ring_free(nic, &nic->rx);
	nic_tx_ring_free(nic, &nic->tx);
	nic->tx = tx;
	nic->rx = rx;
	return nic_up_again(nic, &kept);
}

/**
 * nic_reset_work() - down and up again
 * @work: reset_work of an adapter
 *
 * After a hang, with the packets that were not sent, and after the link went
 * down with packets in the ring, without them.
 */
void nic_reset_work(struct work_struct *work)
{
	struct nic *nic = container_of(work, struct nic, reset_work);
	struct sk_buff_head kept;

	__skb_queue_head_init(&kept);
	rtnl_lock();
	if (test_bit(NIC_F_UP, &nic->flags) && !nic_gone(nic)) {
		nic_down(nic, netif_carrier_ok(nic->netdev) ? &kept : NULL);
		nic_up_again(nic, &kept);
		nic->resets++;
	}
	rtnl_unlock();
}

/* Descriptors that do not move although the link is up and the peer lets us send */
static bool nic_hung(struct nic *nic)
{
	u16 clean = READ_ONCE(nic->tx.clean);

	if (!nic_tx_busy(nic) || clean != nic->stuck_clean || !netif_carrier_ok(nic->netdev)) {
		nic->stuck_clean = clean;
		nic->stuck_since = jiffies;
		return false;
	}
	return time_after(jiffies, nic->stuck_since + NIC_TX_TIMEOUT) &&
	       !(nic_rd(nic, NIC_STATUS) & NIC_STATUS_TXOFF);
}

/**
 * nic_tick() - the watchdog
 * @work: tick of an adapter
 *
 * Looks at the link in case an interrupt got lost, resets a transmitter that
 * hangs, reads the counters before they run over, and has the ring refilled
 * when memory was short.
 */
void nic_tick(struct work_struct *work)
{
	struct nic *nic = container_of(to_delayed_work(work), struct nic, tick);

	if (!test_bit(NIC_F_UP, &nic->flags) || nic_gone(nic))
		return;
	schedule_work(&nic->link_work);
	if (nic_hung(nic)) {
		netdev_err(nic->netdev, "transmitter hangs, resetting\n");
		schedule_work(&nic->reset_work);
	}
	if (time_after(jiffies, nic->stats_due)) {
		nic->stats_due = jiffies + STATS_PERIOD;
		nic_stats_update(nic);
	}
	if (nic_rx_starved(nic))
		nic_wr(nic, NIC_ICS, NIC_INT_RXDMT0);
	schedule_delayed_work(&nic->tick, NIC_TICK);
}
