// What the thread sanitizer does not see of Swift's runtime, whose libraries are not instrumented.
// These functions come in between, by their names, and say what happens there. Linked into the
// sanitized programs alone (tools/harness/sanitizing.py).
//
// Mutex: where nobody waits, locking is an atomic operation in our own code; where somebody does,
// it is a call into libswiftSynchronization. An acquire after the lock, a release before it is
// given up. A handle is its address, in the register that Swift keeps `self` in.
//
// Copies on write: whoever gives up a shared buffer is done with reading it; whoever then finds
// themself its only owner may write to it. The order between the two is the count of references.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

void __tsan_acquire(void *address);
void __tsan_release(void *address);

/// The library's own function of this name, looked up once.
static void *original(void **known, const char *name) {
  void *found = __atomic_load_n(known, __ATOMIC_RELAXED);
  if (found == NULL) {
    found = dlsym(RTLD_NEXT, name);
    if (found == NULL) abort();
    __atomic_store_n(known, found, __ATOMIC_RELAXED);
  }
  return found;
}

// Mutex

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void lock(uint32_t thread, SELF void *handle) __asm__(LOCK);
SWIFT bool try_lock(SELF void *handle) __asm__(TRY_LOCK);
SWIFT void unlock(SELF void *handle) __asm__(UNLOCK);

SWIFT void lock(uint32_t thread, SELF void *handle) {
  static void *known;
  ((SWIFT void (*)(uint32_t, SELF void *))original(&known, LOCK))(thread, handle);
  __tsan_acquire(handle);
}

SWIFT bool try_lock(SELF void *handle) {
  static void *known;
  bool is_locked = ((SWIFT bool (*)(SELF void *))original(&known, TRY_LOCK))(handle);
  if (is_locked) __tsan_acquire(handle);
  return is_locked;
}

SWIFT void unlock(SELF void *handle) {
  static void *known;
  __tsan_release(handle);
  ((SWIFT void (*)(SELF void *))original(&known, UNLOCK))(handle);
}

// Copies on write

struct object {
  const void *type;
  /// Further owners stand above bit 33; a count elsewhere, or none at all, sets the last bit.
  uint64_t owners;
};

extern char _swiftEmptyArrayStorage;

/// Says that this owner is done, if there are others; a sole owner frees the object.
static void give_up(void *pointer) {
  // A string that is no object has the last bit; flags of others are in the first byte.
  if ((intptr_t)pointer <= 4096 || pointer == &_swiftEmptyArrayStorage) return;
  struct object *object = (struct object *)((uintptr_t)pointer & 0x00fffffffffffff8);
  uint64_t owners = __atomic_load_n(&object->owners, __ATOMIC_RELAXED);
  if (owners >> 33 != 0 && owners >> 63 == 0) __tsan_release(object);
}

void swift_release(void *object) {
  static void *known;
  give_up(object);
  ((void (*)(void *))original(&known, "swift_release"))(object);
}

void swift_release_n(void *object, uint32_t count) {
  static void *known;
  give_up(object);
  ((void (*)(void *, uint32_t))original(&known, "swift_release_n"))(object, count);
}

void swift_bridgeObjectRelease(void *object) {
  static void *known;
  give_up(object);
  ((void (*)(void *))original(&known, "swift_bridgeObjectRelease"))(object);
}

void swift_bridgeObjectRelease_n(void *object, int count) {
  static void *known;
  give_up(object);
  ((void (*)(void *, int))original(&known, "swift_bridgeObjectRelease_n"))(object, count);
}

bool swift_isUniquelyReferenced_nonNull_native(void *object) {
  static void *known;
  bool is_unique = ((bool (*)(void *))original(
      &known, "swift_isUniquelyReferenced_nonNull_native"))(object);
  if (is_unique) __tsan_acquire(object);
  return is_unique;
}
