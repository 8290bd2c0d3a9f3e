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

#endif /* _UAPI_LINUX_PLUMB_H */
