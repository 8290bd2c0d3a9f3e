/* SPDX-License-Identifier: GPL-2.0 */
/* Inside libplumb_run.so. */
#ifndef PLUMB_RUN_PRELOAD_H
#define PLUMB_RUN_PRELOAD_H

/*
 * Remembers what the exec functions will need after the program may have cleared its environment.
 */
void run_exec_start(void);

#endif /* PLUMB_RUN_PRELOAD_H */
