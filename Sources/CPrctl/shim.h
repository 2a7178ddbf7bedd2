#pragma once

#include <sys/prctl.h>

// Swift cannot call prctl itself, whose arguments vary.
static inline int roost_set_dumpable(int value) { return prctl(PR_SET_DUMPABLE, value, 0, 0, 0); }
