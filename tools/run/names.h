/* SPDX-License-Identifier: GPL-2.0 */
/* The environment by which the launcher tells its preload library what to do. */
#ifndef PLUMB_RUN_NAMES_H
#define PLUMB_RUN_NAMES_H

#define RUN_ENV_FAMILY	"PLUMB_RUN_FAMILY"	/* the family's number */
#define RUN_ENV_SELF	"PLUMB_RUN_SELF"	/* path of the plumb command */
#define RUN_ENV_LIB	"PLUMB_RUN_LIB"		/* path of the preload library */
#define RUN_ENV_IPV4	"PLUMB_RUN_IPV4_ONLY"	/* set: IPv6 sockets are refused */

#ifndef RUN_FAMILY_FILE
#define RUN_FAMILY_FILE	"/sys/module/plumb/parameters/family"
#endif

#endif /* PLUMB_RUN_NAMES_H */
