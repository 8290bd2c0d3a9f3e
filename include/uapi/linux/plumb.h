/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What a program may want to know of Plumb beyond the ordinary socket API.
 * The addresses of the family are struct sockaddr_in.
 */
#ifndef _UAPI_LINUX_PLUMB_H
#define _UAPI_LINUX_PLUMB_H

/*
 * The number borrowed by default: AF_ASH, which no kernel implements (AF_MAX
 * leaves no room for a new one). plumb.ko's parameter family= takes another;
 * /sys/module/plumb/parameters/family tells which one is in use.
 */
#define PLUMB_FAMILY_DEFAULT	18

/*
 * setsockopt() at a level of our own: what the kernel's SOL_SOCKET refuses to a family
 * it does not know. Kernel 6.12 lets us take SO_REUSEPORT by its own name; on 6.1 the
 * launcher translates it to this.
 */
#define SOL_PLUMB		1018
#define PLUMB_REUSEPORT		1	/* int, as SO_REUSEPORT */

#endif /* _UAPI_LINUX_PLUMB_H */
