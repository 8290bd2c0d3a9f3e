/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The register file of the 82540EM family under the names of Intel's 8254x
 * Software Developer's Manual (chapter 13), the descriptor layouts (chapter 3)
 * and the few words of the EEPROM the driver looks at (chapter 5).
 */
#ifndef _PLUMB_NIC_REGS_H
#define _PLUMB_NIC_REGS_H

#include <linux/bits.h>
#include <linux/types.h>

/* Device control and status */
#define NIC_CTRL		0x0000
#define   NIC_CTRL_FD		BIT(0)
#define   NIC_CTRL_ASDE		BIT(5)	/* detect the speed by the PHY's signals */
#define   NIC_CTRL_SLU		BIT(6)	/* set link up: let the PHY's link through */
#define   NIC_CTRL_SPEED_MASK	GENMASK(9, 8)
#define   NIC_CTRL_SPEED_100	BIT(8)
#define   NIC_CTRL_SPEED_1000	BIT(9)
#define   NIC_CTRL_FRCSPD	BIT(11)
#define   NIC_CTRL_FRCDPLX	BIT(12)
#define   NIC_CTRL_RST		BIT(26)
#define   NIC_CTRL_RFCE		BIT(27)	/* obey PAUSE frames */
#define   NIC_CTRL_TFCE		BIT(28)	/* send PAUSE frames */
#define   NIC_CTRL_VME		BIT(30)	/* VLAN tags are stripped and inserted */
#define   NIC_CTRL_PHY_RST	BIT(31)
#define NIC_STATUS		0x0008
#define   NIC_STATUS_FD		BIT(0)
#define   NIC_STATUS_LU		BIT(1)
#define   NIC_STATUS_TXOFF	BIT(4)	/* the peer's PAUSE holds us back */
#define   NIC_STATUS_SPEED_MASK	GENMASK(7, 6)
#define   NIC_STATUS_SPEED_100	BIT(6)
#define   NIC_STATUS_SPEED_1000	BIT(7)
#define NIC_EECD		0x0010
#define   NIC_EECD_SK		BIT(0)
#define   NIC_EECD_CS		BIT(1)
#define   NIC_EECD_DI		BIT(2)
#define   NIC_EECD_DO		BIT(3)
#define   NIC_EECD_REQ		BIT(6)
#define   NIC_EECD_GNT		BIT(7)
#define   NIC_EECD_SIZE		BIT(9)	/* 256 words, not 64: 8 address bits, not 6 */
#define NIC_EERD		0x0014
#define   NIC_EERD_START	BIT(0)
#define   NIC_EERD_DONE		BIT(4)
#define   NIC_EERD_ADDR_SHIFT	8
#define   NIC_EERD_DATA_SHIFT	16
#define NIC_CTRL_EXT		0x0018
#define   NIC_CTRL_EXT_EE_RST	BIT(13)	/* load the EEPROM's words again */
#define NIC_MDIC		0x0020
#define   NIC_MDIC_DATA_MASK	GENMASK(15, 0)
#define   NIC_MDIC_REG_SHIFT	16
#define   NIC_MDIC_PHY_SHIFT	21
#define   NIC_MDIC_OP_WRITE	BIT(26)
#define   NIC_MDIC_OP_READ	BIT(27)
#define   NIC_MDIC_READY	BIT(28)
#define   NIC_MDIC_INT		BIT(29)	/* interrupt when it is through */
#define   NIC_MDIC_ERROR	BIT(30)
#define NIC_FCAL		0x0028
#define NIC_FCAH		0x002c
#define NIC_FCT			0x0030
#define NIC_VET			0x0038
#define NIC_LEDCTL		0x0e00
#define   NIC_LEDCTL_LED0_MASK	GENMASK(7, 0)
#define   NIC_LEDCTL_LED_ON	0x0e
#define   NIC_LEDCTL_LED_OFF	0x0f
#define   NIC_LEDCTL_BLINK	BIT(7)
#define NIC_PBA			0x1000

/* Interrupts: ICR clears on read, IMS sets and IMC clears bits of one mask */
#define NIC_ICR			0x00c0
#define NIC_ITR			0x00c4
#define   NIC_ITR_MAX		0xffff	/* in units of 256 ns */
#define NIC_ICS			0x00c8
#define NIC_IMS			0x00d0
#define NIC_IMC			0x00d8
#define   NIC_INT_TXDW		BIT(0)	/* a descriptor with RS was written back */
#define   NIC_INT_TXQE		BIT(1)
#define   NIC_INT_LSC		BIT(2)	/* link status change */
#define   NIC_INT_RXSEQ		BIT(3)	/* sequence error: link trouble */
#define   NIC_INT_RXDMT0	BIT(4)	/* few receive descriptors left */
#define   NIC_INT_RXO		BIT(6)	/* receiver overrun */
#define   NIC_INT_RXT0		BIT(7)	/* received */
#define   NIC_INT_MDAC		BIT(9)	/* an access by MDIC is through */
#define   NIC_INT_TXD_LOW	BIT(15)	/* few transmit descriptors left to do */
#define   NIC_INT_SRPD		BIT(16)	/* a small packet was received */
#define   NIC_INT_RX		(NIC_INT_RXT0 | NIC_INT_RXO | NIC_INT_RXDMT0)
#define   NIC_INT_LINK		(NIC_INT_LSC | NIC_INT_RXSEQ)

/* Receive */
#define NIC_RCTL		0x0100
#define   NIC_RCTL_EN		BIT(1)
#define   NIC_RCTL_SBP		BIT(2)	/* store bad packets */
#define   NIC_RCTL_UPE		BIT(3)
#define   NIC_RCTL_MPE		BIT(4)
#define   NIC_RCTL_LPE		BIT(5)	/* accept more than 1522 octets */
#define   NIC_RCTL_LBM_MASK	GENMASK(7, 6)	/* loopback; 0: none */
#define   NIC_RCTL_LBM_MAC	BIT(6)
#define   NIC_RCTL_LBM_PHY	GENMASK(7, 6)
#define   NIC_RCTL_RDMTS_HALF	0
#define   NIC_RCTL_BAM		BIT(15)
#define   NIC_RCTL_BSIZE_2048	0
#define   NIC_RCTL_BSIZE_4096	(GENMASK(17, 16) | BIT(25))
#define   NIC_RCTL_VFE		BIT(18)
#define   NIC_RCTL_CFIEN	BIT(19)
#define   NIC_RCTL_DPF		BIT(22)	/* discard PAUSE frames */
#define   NIC_RCTL_PMCF		BIT(23)	/* pass MAC control frames */
#define   NIC_RCTL_SECRC	BIT(26)	/* strip the FCS */
#define NIC_FCRTL		0x2160
#define   NIC_FCRTL_XONE	BIT(31)
#define NIC_FCRTH		0x2168
#define NIC_FCTTV		0x0170
#define NIC_RDBAL		0x2800
#define NIC_RDBAH		0x2804
#define NIC_RDLEN		0x2808
#define NIC_RDH			0x2810
#define NIC_RDT			0x2818
#define NIC_RDTR		0x2820
#define   NIC_RDTR_FPD		BIT(31)	/* report now */
#define NIC_RXDCTL		0x2828
#define NIC_RADV		0x282c
#define NIC_RSRPD		0x2c00
#define   NIC_RSRPD_MASK	GENMASK(11, 0)
#define NIC_RXCSUM		0x5000
#define   NIC_RXCSUM_IPOFLD	BIT(8)
#define   NIC_RXCSUM_TUOFLD	BIT(9)
#define NIC_MTA(n)		(0x5200 + 4 * (n))
#define   NIC_MTA_WORDS		128
#define NIC_RAL(n)		(0x5400 + 8 * (n))
#define NIC_RAH(n)		(0x5404 + 8 * (n))
#define   NIC_RAH_AV		BIT(31)
#define   NIC_RAR_ENTRIES	16
#define NIC_VFTA(n)		(0x5600 + 4 * (n))
#define   NIC_VFTA_WORDS	128

/* Transmit */
#define NIC_TCTL		0x0400
#define   NIC_TCTL_EN		BIT(1)
#define   NIC_TCTL_PSP		BIT(3)
#define   NIC_TCTL_CT_SHIFT	4
#define   NIC_TCTL_COLD_SHIFT	12
#define   NIC_TCTL_COLD_MASK	GENMASK(21, 12)
#define   NIC_TCTL_SWXOFF	BIT(22)	/* send a PAUSE frame; clears itself */
#define   NIC_TCTL_RTLC		BIT(24)
#define NIC_TIPG		0x0410
#define NIC_TDBAL		0x3800
#define NIC_TDBAH		0x3804
#define NIC_TDLEN		0x3808
#define NIC_TDH			0x3810
#define NIC_TDT			0x3818
#define NIC_TIDV		0x3820
#define NIC_TXDCTL		0x3828
#define   NIC_TXDCTL_GRAN	BIT(24)
#define   NIC_TXDCTL_WTHRESH_1	BIT(16)
#define NIC_TADV		0x382c

/* Wake-up and manageability */
#define NIC_WUC			0x5800
#define   NIC_WUC_PME_EN	BIT(1)
#define   NIC_WUC_PME_STATUS	BIT(2)
#define NIC_WUFC		0x5808
#define   NIC_WUFC_LNKC		BIT(0)
#define   NIC_WUFC_MAG		BIT(1)
#define   NIC_WUFC_EX		BIT(2)
#define   NIC_WUFC_MC		BIT(3)
#define   NIC_WUFC_BC		BIT(4)
#define   NIC_WUFC_ARP		BIT(5)
#define NIC_WUS			0x5810
#define NIC_MANC		0x5820
#define   NIC_MANC_ARP_EN	BIT(13)

/* Statistics: clear on read by the manual (13.7) */
#define NIC_CRCERRS		0x4000
#define NIC_ALGNERRC		0x4004
#define NIC_SYMERRS		0x4008
#define NIC_RXERRC		0x400c
#define NIC_MPC			0x4010
#define NIC_SCC			0x4014
#define NIC_ECOL		0x4018
#define NIC_MCC			0x401c
#define NIC_LATECOL		0x4020
#define NIC_COLC		0x4028
#define NIC_DC			0x4030
#define NIC_TNCRS		0x4034
#define NIC_SEC			0x4038
#define NIC_CEXTERR		0x403c
#define NIC_RLEC		0x4040
#define NIC_XONRXC		0x4048
#define NIC_XONTXC		0x404c
#define NIC_XOFFRXC		0x4050
#define NIC_XOFFTXC		0x4054
#define NIC_FCRUC		0x4058
#define NIC_PRC64		0x405c
#define NIC_PRC127		0x4060
#define NIC_PRC255		0x4064
#define NIC_PRC511		0x4068
#define NIC_PRC1023		0x406c
#define NIC_PRC1522		0x4070
#define NIC_GPRC		0x4074
#define NIC_BPRC		0x4078
#define NIC_MPRC		0x407c
#define NIC_GPTC		0x4080
#define NIC_GORCL		0x4088
#define NIC_GORCH		0x408c
#define NIC_GOTCL		0x4090
#define NIC_GOTCH		0x4094
#define NIC_RNBC		0x40a0
#define NIC_RUC			0x40a4
#define NIC_RFC			0x40a8
#define NIC_ROC			0x40ac
#define NIC_RJC			0x40b0
#define NIC_TORL		0x40c0
#define NIC_TORH		0x40c4
#define NIC_TOTL		0x40c8
#define NIC_TOTH		0x40cc
#define NIC_TPR			0x40d0
#define NIC_TPT			0x40d4
#define NIC_PTC64		0x40d8
#define NIC_PTC127		0x40dc
#define NIC_PTC255		0x40e0
#define NIC_PTC511		0x40e4
#define NIC_PTC1023		0x40e8
#define NIC_PTC1522		0x40ec
#define NIC_MPTC		0x40f0
#define NIC_BPTC		0x40f4
#define NIC_TSCTC		0x40f8
#define NIC_TSCTFC		0x40fc

/*
 * Time stamps, as the 82574 has them: one frame each way is held until its stamp is read. The
 * 82540EM has none; the modelled adapter does (nic_attach.stamps).
 */
#define NIC_SYSTIML		0xb600
#define NIC_SYSTIMH		0xb604
#define NIC_TSYNCTXCTL		0xb614
#define NIC_TXSTMPL		0xb618
#define NIC_TXSTMPH		0xb61c	/* reading it lets the next one in, as below */
#define NIC_TSYNCRXCTL		0xb620
#define NIC_RXSTMPL		0xb624
#define NIC_RXSTMPH		0xb628
#define   NIC_TSYNC_VALID	BIT(0)
#define   NIC_TSYNC_EN		BIT(4)

/* EEPROM: word addresses and the sum of words 0..3Fh (5.6.35) */
#define NIC_EEPROM_MAC		0x00
#define NIC_EEPROM_INIT2	0x0f
#define   NIC_EEPROM_INIT2_APM	BIT(2)
#define NIC_EEPROM_WORDS	64
#define NIC_EEPROM_SUM		0xbaba

/* The PHY answers at MDIO address 1; registers past the standard 16 */
#define NIC_PHY_ADDR		1
#define NIC_PHY_PSCR		0x10
#define   NIC_PHY_PSCR_AUTO_MDIX	GENMASK(6, 5)
#define NIC_PHY_PSSR		0x11
#define   NIC_PHY_PSSR_MDIX	BIT(6)
#define   NIC_PHY_PSSR_RESOLVED	BIT(11)

/**
 * struct nic_rx_desc - legacy receive descriptor (3.2.3), little endian
 * @addr: bus address of the buffer
 * @length: octets written to it
 * @csum: packet checksum (not used)
 * @status: NIC_RXD_*
 * @errors: NIC_RXD_ERR_*, meaningful with NIC_RXD_EOP
 * @special: the stripped VLAN tag, with NIC_RXD_VP
 */
struct nic_rx_desc {
	__le64 addr;
	__le16 length;
	__le16 csum;
	u8 status;
	u8 errors;
	__le16 special;
};

#define NIC_RXD_DD		BIT(0)
#define NIC_RXD_EOP		BIT(1)
#define NIC_RXD_IXSM		BIT(2)	/* nothing was checked */
#define NIC_RXD_VP		BIT(3)
#define NIC_RXD_STAMP		BIT(4)	/* its time is held, see NIC_RXSTMPL */
#define NIC_RXD_TCPCS		BIT(5)	/* TCP or UDP checksum was computed */
#define NIC_RXD_ERR_CE		BIT(0)
#define NIC_RXD_ERR_SE		BIT(1)
#define NIC_RXD_ERR_SEQ		BIT(2)
#define NIC_RXD_ERR_CXE		BIT(4)
#define NIC_RXD_ERR_TCPE	BIT(5)
#define NIC_RXD_ERR_RXE		BIT(7)
/* The frame itself is bad; TCPE and IPE speak of the datagram in it. */
#define NIC_RXD_ERR_FRAME	(NIC_RXD_ERR_CE | NIC_RXD_ERR_SE | NIC_RXD_ERR_SEQ | \
				 NIC_RXD_ERR_CXE | NIC_RXD_ERR_RXE)

/**
 * struct nic_tx_data - TCP/IP data descriptor (3.3.7)
 * @addr: bus address of the octets
 * @cmd_len: NIC_TXD_* and, in the low 20 bits, their number
 * @upper: status (0-7), NIC_TXD_POPTS_* (8-15), VLAN tag (16-31)
 */
struct nic_tx_data {
	__le64 addr;
	__le32 cmd_len;
	__le32 upper;
};

/**
 * struct nic_tx_context - TCP/IP context descriptor (3.3.6)
 * @ip: IPCSS (0-7), IPCSO (8-15), IPCSE (16-31)
 * @tu: TUCSS (0-7), TUCSO (8-15), TUCSE (16-31)
 * @cmd_len: NIC_TXC_* and, in the low 20 bits, PAYLEN
 * @seg: status (0-7), HDRLEN (8-15), MSS (16-31)
 */
struct nic_tx_context {
	__le32 ip;
	__le32 tu;
	__le32 cmd_len;
	__le32 seg;
};

union nic_tx_desc {
	struct nic_tx_data data;
	struct nic_tx_context context;
};

#define NIC_TXD_DTYP_DATA	BIT(20)
#define NIC_TXD_EOP		BIT(24)
#define NIC_TXD_IFCS		BIT(25)
#define NIC_TXD_TSE		BIT(26)
#define NIC_TXD_RS		BIT(27)
#define NIC_TXD_DEXT		BIT(29)
#define NIC_TXD_VLE		BIT(30)
#define NIC_TXD_IDE		BIT(31)
#define NIC_TXD_DD		BIT(0)
#define NIC_TXD_UPPER_STAMP	BIT(4)	/* in upper: keep the time of sending */
#define NIC_TXD_POPTS_SHIFT	8
#define NIC_TXD_POPTS_IXSM	BIT(0)
#define NIC_TXD_POPTS_TXSM	BIT(1)
#define NIC_TXD_TAG_SHIFT	16
#define NIC_TXC_TCP		BIT(24)
#define NIC_TXC_IP		BIT(25)
#define NIC_TXC_TSE		BIT(26)
#define NIC_TXC_DEXT		BIT(29)

/* What the fields of a context can hold */
#define NIC_TXC_OFFSET_MAX	255
#define NIC_TXC_HDRLEN_MAX	255

#endif /* _PLUMB_NIC_REGS_H */
