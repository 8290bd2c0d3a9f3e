/* SPDX-License-Identifier: GPL-2.0 */
/* Names of the kernel that the C library may not have, or only where they clash. */
#ifndef NAMES_H
#define NAMES_H

#ifndef SOL_UDP
#define SOL_UDP 17
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#define UDP_GRO 104
#endif
#ifndef ICMP_FILTER
#define ICMP_FILTER 1
#endif
#ifndef IP_PROTOCOL
#define IP_PROTOCOL 52
#endif
#ifndef SIOCINQ
#define SIOCINQ 0x541B
#define SIOCOUTQ 0x5411
#endif

#endif
