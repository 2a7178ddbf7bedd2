#pragma once

#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Swift cannot call prctl itself, whose arguments vary.
static inline int roost_set_dumpable(int value) { return prctl(PR_SET_DUMPABLE, value, 0, 0, 0); }

// Of sched_setattr(2), for which older C libraries have no function.
struct roost_sched_attr {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
};

// How long the calling thread runs before others of its kind get their turn; 0 is the system's own
// length. Its policy and niceness stay. 0, or -1 with errno.
static inline int roost_set_slice(uint64_t nanoseconds) {
  struct roost_sched_attr attr = {0};
  if (syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0) != 0) return -1;
  attr.runtime = nanoseconds;
  return (int)syscall(SYS_sched_setattr, 0, &attr, 0);
}

// What was set; -1 if the system does not say.
static inline int64_t roost_slice(void) {
  struct roost_sched_attr attr = {0};
  if (syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0) != 0) return -1;
  return (int64_t)attr.runtime;
}
