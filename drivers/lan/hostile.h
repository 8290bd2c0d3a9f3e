/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An adapter that lies, for tests of the driver: built for a kernel with KUnit alone.
 */
#ifndef _PLUMB_LAN_HOSTILE_H
#define _PLUMB_LAN_HOSTILE_H

#include "../nic/regs.h"

#if defined(CONFIG_KUNIT) && defined(KBUILD_PLUMB)
u32 lan_hostile_read(u32 value);
u32 lan_hostile_causes(void);
void lan_hostile_rx(struct nic_rx_desc *done);
bool lan_hostile_tx(union nic_tx_desc *d);
#else
static inline u32 lan_hostile_read(u32 value) { return value; }
static inline u32 lan_hostile_causes(void) { return 0; }
static inline void lan_hostile_rx(struct nic_rx_desc *done) { }
static inline bool lan_hostile_tx(union nic_tx_desc *d) { return true; }
#endif

#endif /* _PLUMB_LAN_HOSTILE_H */
