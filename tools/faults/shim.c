// Stands between a program and the system (LD_PRELOAD) and does three things to its files under
// FAULTS_ROOT, each only if asked for:
//
//   FAULTS_LOG=FILE      writes down, in order, every call that changes them or makes them durable,
//                        with its bytes; and every byte that is sent through a socket, before it is
//                        sent: so what was acknowledged is ordered against what was synced.
//   FAULTS_RULES=RULES   lets calls fail, come short, take their time, or kills the process.
//   FAULTS_CLOCK=FILE    adds the 64-bit number in the file, milliseconds, to the time of day.
//
// Rules are separated by ';', and their parts by spaces:
//
//   op=NAMES     names of kinds, separated by ',': open (that creates or empties), write, sync,
//                truncate, rename, link, unlink, mkdir, rmdir; `change`, the default, is all.
//   path=GLOB    of the file's path below FAULTS_ROOT, as fnmatch; a rename has its old one.
//   nth=N        the first call that matches is 1; the rule fires from the N-th on. Default: 1.
//   count=N      how often it fires; 0: always from then on. Default: 1.
//   while=FILE   the rule counts and fires only while this file is there.
//   do=ACTION    an error by its name (EIO, ENOSPC, EDQUOT, EROFS, EMFILE); short, half of a write;
//                delay:MS, of writes and syncs, and no longer than its `while` holds; kill, before
//                the call; kill-after. Default: EIO.
//   dsync=0|1    only writes through descriptors without, or with, O_DSYNC or O_SYNC.
//
// FAULTS_FIRED=FILE gets a line for each time that a rule fired.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <netinet/in.h>
#include <time.h>
#include <unistd.h>

enum kind {
  OPENED = 1, WRITTEN, WRITE_BEGUN, WRITE_ENDED, TRUNCATED, SYNC_BEGUN, SYNC_ENDED, RENAMED,
  LINKED, UNLINKED, MADE_DIRECTORY, REMOVED_DIRECTORY, MAPPED_WRITABLE, ACCEPTED, SENT,
};

enum { CREATED = 1, IS_DIRECTORY = 2, FAILED = 4, IS_DSYNC = 8 };

// As tools/harness/recording.py reads it; paths and bytes follow.
struct record {
  uint32_t size;
  uint8_t kind, flags;
  uint16_t padding;
  int32_t descriptor;
  uint32_t path_bytes, other_bytes, data_bytes;
  uint64_t inode, offset;
};

enum operation { OPEN, WRITE, SYNC, TRUNCATE, RENAME, LINK, UNLINK, MKDIR, RMDIR, OPERATIONS };
static const char *const operation_names[OPERATIONS] = {
  "open", "write", "sync", "truncate", "rename", "link", "unlink", "mkdir", "rmdir"};

enum action { FAIL, SHORT, DELAY, KILL, KILL_AFTER };

struct rule {
  unsigned operations;  // a bit for each
  char path[256], guard[PATH_MAX];
  long nth, count, seen, fired, delay_ms;
  enum action action;
  int error, dsync;  // dsync: -1 either
};

enum { DESCRIPTORS_MAX = 65536, RULES_MAX = 16, PARTS_MAX = 64 };

struct descriptor {
  char *path;  // below the root; NULL: none of ours
  uint64_t inode;
  int is_directory, is_dsync, is_append, is_socket;
};

static struct descriptor table[DESCRIPTORS_MAX];
static struct rule rules[RULES_MAX];
static int rule_count, log_descriptor = -1, fired_descriptor = -1;
static char root[PATH_MAX];
static size_t root_bytes;
static volatile int64_t *clock_offset_ms;
// What is done and that it is written down are one step; syncs are two, as others go on meanwhile.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (!found) abort();
  return found;
}

static void put_line(int descriptor, const char *line) {
  if (descriptor >= 0) syscall(SYS_write, descriptor, line, strlen(line));
}

// MARK: Rules

static int error_named(const char *name) {
  static const struct { const char *name; int error; } known[] = {
    {"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EDQUOT", EDQUOT}, {"EROFS", EROFS}, {"EMFILE", EMFILE}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (!strcmp(name, known[i].name)) return known[i].error;
  return 0;
}

static unsigned operations_named(char *names) {
  unsigned all = 0;
  char *rest;
  for (char *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
    unsigned before = all;
    if (!strcmp(name, "change")) all = (1u << OPERATIONS) - 1;
    for (int i = 0; i < OPERATIONS; i++)
      if (!strcmp(name, operation_names[i])) all |= 1u << i;
    if (all == before && all != (1u << OPERATIONS) - 1) {
      put_line(2, "faults: a rule names an operation that there is not\n");
      _exit(2);
    }
  }
  return all;
}

static void set_part(struct rule *rule, char *part) {
  char *value = strchr(part, '=');
  if (!value) return;
  *value++ = 0;
  if (!strcmp(part, "op")) rule->operations = operations_named(value);
  else if (!strcmp(part, "path")) snprintf(rule->path, sizeof rule->path, "%s", value);
  else if (!strcmp(part, "while")) snprintf(rule->guard, sizeof rule->guard, "%s", value);
  else if (!strcmp(part, "nth")) rule->nth = atol(value);
  else if (!strcmp(part, "count")) rule->count = atol(value);
  else if (!strcmp(part, "dsync")) rule->dsync = atoi(value);
  else if (!strcmp(part, "do")) {
    if (!strcmp(value, "short")) rule->action = SHORT;
    else if (!strcmp(value, "kill")) rule->action = KILL;
    else if (!strcmp(value, "kill-after")) rule->action = KILL_AFTER;
    else if (!strncmp(value, "delay:", 6)) rule->action = DELAY, rule->delay_ms = atol(value + 6);
    else rule->action = FAIL, rule->error = error_named(value);
    if (rule->action == FAIL && !rule->error) {
      put_line(2, "faults: a rule names an action that there is not\n");
      _exit(2);
    }
  }
}

static void read_rules(char *text) {
  char *rest;
  for (char *one = strtok_r(text, ";", &rest); one && rule_count < RULES_MAX;
       one = strtok_r(NULL, ";", &rest)) {
    struct rule *rule = &rules[rule_count++];
    *rule = (struct rule){
      .operations = (1u << OPERATIONS) - 1, .path = "*", .nth = 1, .count = 1, .error = EIO,
      .dsync = -1};
    char *inner;
    for (char *part = strtok_r(one, " ", &inner); part; part = strtok_r(NULL, " ", &inner))
      set_part(rule, part);
  }
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static int is_on(const struct rule *rule) {
  return !rule->guard[0] || !syscall(SYS_access, rule->guard, F_OK);
}

// Without the lock: others go on meanwhile.
static void wait_for(const struct rule *rule) {
  if (!rule || rule->action != DELAY) return;
  for (long waited = 0; waited < rule->delay_ms && is_on(rule); waited += 10) usleep(10000);
}

// The rule that fires for a call, or NULL. Kills at once where it says so. Under the lock.
static struct rule *fires(enum operation operation, const char *path, int is_dsync) {
  for (int i = 0; i < rule_count; i++) {
    struct rule *rule = &rules[i];
    if (!(rule->operations & (1u << operation)) || fnmatch(rule->path, path, 0)) continue;
    if (rule->dsync >= 0 && rule->dsync != is_dsync) continue;
    if (!is_on(rule)) continue;
    rule->seen++;
    if (rule->seen < rule->nth || (rule->count && rule->fired >= rule->count)) continue;
    rule->fired++;
    char line[PATH_MAX];
    snprintf(line, sizeof line, "%s %s %ld\n", operation_names[operation], path, rule->seen);
    put_line(fired_descriptor, line);
    if (rule->action == KILL) die();
    return rule;
  }
  return NULL;
}

// MARK: The log

static void note(
  enum kind kind, int flags, int descriptor, uint64_t inode, uint64_t offset, const char *path,
  const char *other, const struct iovec *parts, int part_count, size_t data_bytes) {
  if (log_descriptor < 0) return;
  struct record record = {
    .kind = kind, .flags = flags, .descriptor = descriptor, .inode = inode, .offset = offset,
    .path_bytes = path ? strlen(path) : 0, .other_bytes = other ? strlen(other) : 0,
    .data_bytes = data_bytes};
  record.size = sizeof record + record.path_bytes + record.other_bytes + data_bytes;
  struct iovec all[PARTS_MAX + 3] = {
    {&record, sizeof record}, {(void *)path, record.path_bytes},
    {(void *)other, record.other_bytes}};
  int count = 3;
  size_t left = data_bytes;
  for (int i = 0; i < part_count && left && count < PARTS_MAX + 3; i++) {
    size_t bytes = parts[i].iov_len < left ? parts[i].iov_len : left;
    all[count++] = (struct iovec){parts[i].iov_base, bytes};
    left -= bytes;
  }
  if (left || syscall(SYS_writev, log_descriptor, all, count) != (long)record.size) {
    put_line(2, "faults: the log cannot be written\n");
    abort();
  }
}

static void note_path(enum kind kind, int flags, const char *path, const char *other) {
  note(kind, flags, -1, 0, 0, path, other, NULL, 0, 0);
}

// A path below the root, or NULL. Only absolute paths are looked at.
static const char *below(const char *path) {
  if (!root_bytes || !path || strncmp(path, root, root_bytes)) return NULL;
  if (!path[root_bytes]) return ".";
  return path[root_bytes] == '/' ? path + root_bytes + 1 : NULL;
}

static struct descriptor *ours(int descriptor) {
  if (descriptor < 0 || descriptor >= DESCRIPTORS_MAX) return NULL;
  return table[descriptor].path ? &table[descriptor] : NULL;
}

__attribute__((constructor)) static void start(void) {
  const char *value = getenv("FAULTS_ROOT");
  if (value) snprintf(root, sizeof root, "%s", value);
  root_bytes = strlen(root);
  int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
  if ((value = getenv("FAULTS_LOG"))) log_descriptor = syscall(SYS_open, value, flags, 0600);
  if ((value = getenv("FAULTS_FIRED"))) fired_descriptor = syscall(SYS_open, value, flags, 0600);
  if ((value = getenv("FAULTS_RULES"))) read_rules(strdup(value));
  if ((value = getenv("FAULTS_CLOCK"))) {
    int descriptor = syscall(SYS_open, value, O_RDONLY | O_CLOEXEC, 0);
    void *map = REAL(mmap)(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, descriptor, 0);
    if (map != MAP_FAILED) clock_offset_ms = map;
    syscall(SYS_close, descriptor);
  }
}

// MARK: Opening and closing

static int open_noting(int directory, const char *path, int flags, mode_t mode) {
  const char *name = directory == AT_FDCWD || path[0] == '/' ? below(path) : NULL;
  if (!name) return syscall(SYS_openat, directory, path, flags, mode);
  pthread_mutex_lock(&lock);
  struct stat status;
  int is_new = (flags & O_CREAT) && stat(path, &status) != 0;
  struct rule *rule = is_new || (flags & O_TRUNC) ? fires(OPEN, name, 0) : NULL;
  int opened = -1, error = 0;
  if (rule && rule->action == FAIL) error = rule->error;
  else if ((opened = syscall(SYS_openat, directory, path, flags, mode)) < 0) error = errno;
  if (opened >= 0 && opened < DESCRIPTORS_MAX && fstat(opened, &status) == 0) {
    free(table[opened].path);
    table[opened] = (struct descriptor){
      .path = strdup(name), .inode = status.st_ino, .is_directory = S_ISDIR(status.st_mode),
      .is_dsync = (flags & O_DSYNC) != 0, .is_append = (flags & O_APPEND) != 0};
    note(OPENED, (is_new ? CREATED : 0) | (S_ISDIR(status.st_mode) ? IS_DIRECTORY : 0), opened,
      status.st_ino, 0, name, NULL, NULL, 0, 0);
    if (!is_new && (flags & O_TRUNC))
      note(TRUNCATED, 0, opened, status.st_ino, 0, name, NULL, NULL, 0, 0);
  }
  if (rule && rule->action == KILL_AFTER) die();
  pthread_mutex_unlock(&lock);
  errno = error;
  return opened;
}

#define MODE(flags) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | O_TMPFILE)) { \
    va_list list; \
    va_start(list, flags); \
    mode = va_arg(list, mode_t); \
    va_end(list); \
  }

int open(const char *path, int flags, ...) {
  MODE(flags) return open_noting(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  MODE(flags) return open_noting(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}
int openat(int directory, const char *path, int flags, ...) {
  MODE(flags) return open_noting(directory, path, flags, mode);
}
int openat64(int directory, const char *path, int flags, ...) {
  MODE(flags) return open_noting(directory, path, flags | O_LARGEFILE, mode);
}

int close(int descriptor) {
  pthread_mutex_lock(&lock);
  if (descriptor >= 0 && descriptor < DESCRIPTORS_MAX) {
    free(table[descriptor].path);
    table[descriptor] = (struct descriptor){0};
  }
  int result = syscall(SYS_close, descriptor);
  pthread_mutex_unlock(&lock);
  return result;
}

// MARK: Writing

static size_t length(const struct iovec *parts, int count) {
  size_t bytes = 0;
  for (int i = 0; i < count; i++) bytes += parts[i].iov_len;
  return bytes;
}

static ssize_t write_parts(
  struct descriptor *file, int descriptor, const struct iovec *parts, int count, off_t offset) {
  pthread_mutex_lock(&lock);
  struct rule *rule = fires(WRITE, file->path, file->is_dsync);
  size_t bytes = length(parts, count);
  off_t at = offset;
  if (offset < 0) {
    struct stat status;
    at = file->is_append && fstat(descriptor, &status) == 0
      ? status.st_size : lseek(descriptor, 0, SEEK_CUR);
  }
  struct iovec cut[PARTS_MAX];
  if (rule && rule->action == SHORT && bytes > 1) {
    // Half of it, of the first part at least.
    cut[0] = parts[0];
    if (count == 1) cut[0].iov_len /= 2;
    parts = cut;
    count = 1;
    bytes = cut[0].iov_len;
  }
  struct descriptor now = *file;
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s", file->path);
  if (now.is_dsync)
    note(WRITE_BEGUN, IS_DSYNC, descriptor, now.inode, at, path, NULL, parts, count, bytes);
  int waits = now.is_dsync || (rule && rule->action == DELAY);
  if (waits) pthread_mutex_unlock(&lock);
  wait_for(rule);
  ssize_t wrote = -1;
  int error = 0;
  if (rule && rule->action == FAIL) error = rule->error;
  else {
    wrote = offset < 0 ? syscall(SYS_writev, descriptor, parts, count)
                       : syscall(SYS_pwritev, descriptor, parts, count, at, 0);
    if (wrote < 0) error = errno;
  }
  if (waits) pthread_mutex_lock(&lock);
  if (now.is_dsync)
    note(WRITE_ENDED, wrote < 0 ? FAILED : 0, descriptor, now.inode, at, path, NULL, NULL, 0, 0);
  else if (wrote > 0)
    note(WRITTEN, 0, descriptor, now.inode, at, path, NULL, parts, count, wrote);
  if (rule && rule->action == KILL_AFTER) die();
  pthread_mutex_unlock(&lock);
  errno = error;
  return wrote;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  struct descriptor *file = ours(descriptor);
  if (!file) return syscall(SYS_write, descriptor, bytes, count);
  return write_parts(file, descriptor, &(struct iovec){(void *)bytes, count}, 1, -1);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
  struct descriptor *file = ours(descriptor);
  if (!file) return syscall(SYS_writev, descriptor, parts, count);
  return write_parts(file, descriptor, parts, count, -1);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  struct descriptor *file = ours(descriptor);
  if (!file) return syscall(SYS_pwrite64, descriptor, bytes, count, offset);
  return write_parts(file, descriptor, &(struct iovec){(void *)bytes, count}, 1, offset);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  return pwrite(descriptor, bytes, count, offset);
}

ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset) {
  struct descriptor *file = ours(descriptor);
  if (!file) return syscall(SYS_pwritev, descriptor, parts, count, offset, 0);
  return write_parts(file, descriptor, parts, count, offset);
}
ssize_t pwritev64(int descriptor, const struct iovec *parts, int count, off64_t offset) {
  return pwritev(descriptor, parts, count, offset);
}

int ftruncate(int descriptor, off_t bytes) {
  struct descriptor *file = ours(descriptor);
  if (!file) return syscall(SYS_ftruncate, descriptor, bytes);
  pthread_mutex_lock(&lock);
  struct rule *rule = fires(TRUNCATE, file->path, 0);
  int error = rule && rule->action == FAIL ? rule->error : 0;
  if (!error && syscall(SYS_ftruncate, descriptor, bytes)) error = errno;
  if (!error)
    note(TRUNCATED, 0, descriptor, file->inode, bytes, file->path, NULL, NULL, 0, 0);
  if (rule && rule->action == KILL_AFTER) die();
  pthread_mutex_unlock(&lock);
  errno = error;
  return error ? -1 : 0;
}
int ftruncate64(int descriptor, off64_t bytes) { return ftruncate(descriptor, bytes); }

// Space for a file, which grows if it is shorter: what a truncation to that length does.
int posix_fallocate(int descriptor, off_t offset, off_t bytes) {
  struct descriptor *file = ours(descriptor);
  if (!file) return syscall(SYS_fallocate, descriptor, 0, offset, bytes) ? errno : 0;
  pthread_mutex_lock(&lock);
  struct rule *rule = fires(TRUNCATE, file->path, 0);
  struct stat status;
  int error = rule && rule->action == FAIL ? rule->error : 0;
  if (!error && fstat(descriptor, &status)) error = errno;
  if (!error && syscall(SYS_fallocate, descriptor, 0, offset, bytes)) error = errno;
  if (!error && status.st_size < offset + bytes)
    note(TRUNCATED, 0, descriptor, file->inode, offset + bytes, file->path, NULL, NULL, 0, 0);
  if (rule && rule->action == KILL_AFTER) die();
  pthread_mutex_unlock(&lock);
  return error;
}
int posix_fallocate64(int descriptor, off64_t offset, off64_t bytes) {
  return posix_fallocate(descriptor, offset, bytes);
}

// What nothing here uses must not pass unseen.
int fallocate(int descriptor, int mode, off_t offset, off_t bytes) {
  if (ours(descriptor) && log_descriptor >= 0) {
    put_line(2, "faults: fallocate is not recorded\n");
    abort();
  }
  return syscall(SYS_fallocate, descriptor, mode, offset, bytes);
}
int fallocate64(int descriptor, int mode, off64_t offset, off64_t bytes) {
  return fallocate(descriptor, mode, offset, bytes);
}

// MARK: Making durable

static int sync_noting(int descriptor, int (*call)(int)) {
  struct descriptor *file = ours(descriptor);
  if (!file) return call(descriptor);
  pthread_mutex_lock(&lock);
  struct rule *rule = fires(SYNC, file->path, 0);
  struct descriptor now = *file;
  int flags = now.is_directory ? IS_DIRECTORY : 0;
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s", file->path);
  note(SYNC_BEGUN, flags, descriptor, now.inode, 0, path, NULL, NULL, 0, 0);
  pthread_mutex_unlock(&lock);
  wait_for(rule);
  int error = rule && rule->action == FAIL ? rule->error : 0;
  if (!error && call(descriptor)) error = errno;
  pthread_mutex_lock(&lock);
  note(SYNC_ENDED, flags | (error ? FAILED : 0), descriptor, now.inode, 0, path, NULL, NULL, 0, 0);
  if (rule && rule->action == KILL_AFTER) die();
  pthread_mutex_unlock(&lock);
  errno = error;
  return error ? -1 : 0;
}

static int call_fsync(int descriptor) { return syscall(SYS_fsync, descriptor); }
static int call_fdatasync(int descriptor) { return syscall(SYS_fdatasync, descriptor); }
int fsync(int descriptor) { return sync_noting(descriptor, call_fsync); }
int fdatasync(int descriptor) { return sync_noting(descriptor, call_fdatasync); }

int sync_file_range(int descriptor, off64_t offset, off64_t bytes, unsigned flags) {
  // Promises nothing about durability: nothing to write down.
  return syscall(SYS_sync_file_range, descriptor, offset, bytes, flags);
}

void *mmap(void *address, size_t bytes, int protection, int flags, int descriptor, off_t offset) {
  void *map = (void *)syscall(SYS_mmap, address, bytes, protection, flags, descriptor, offset);
  struct descriptor *file = ours(descriptor);
  if (file && map != MAP_FAILED && (protection & PROT_WRITE) && (flags & MAP_SHARED)) {
    pthread_mutex_lock(&lock);
    note(MAPPED_WRITABLE, 0, descriptor, file->inode, bytes, file->path, NULL, NULL, 0, 0);
    pthread_mutex_unlock(&lock);
  }
  return map;
}
void *mmap64(void *address, size_t bytes, int protection, int flags, int descriptor, off64_t at) {
  return mmap(address, bytes, protection, flags, descriptor, at);
}

// MARK: Names

static int change_names(
  enum operation operation, enum kind kind, const char *path, const char *other, int number,
  long first, long second) {
  const char *name = below(path), *other_name = other ? below(other) : NULL;
  if (!name) return syscall(number, first, second);
  pthread_mutex_lock(&lock);
  struct rule *rule = fires(operation, name, 0);
  int error = rule && rule->action == FAIL ? rule->error : 0;
  if (!error && syscall(number, first, second)) error = errno;
  if (!error) note_path(kind, 0, name, other_name);
  if (rule && rule->action == KILL_AFTER) die();
  pthread_mutex_unlock(&lock);
  errno = error;
  return error ? -1 : 0;
}

int rename(const char *old, const char *new) {
  return change_names(RENAME, RENAMED, old, new, SYS_rename, (long)old, (long)new);
}
int link(const char *path, const char *other) {
  return change_names(LINK, LINKED, path, other, SYS_link, (long)path, (long)other);
}
int unlink(const char *path) {
  return change_names(UNLINK, UNLINKED, path, NULL, SYS_unlink, (long)path, 0);
}
int mkdir(const char *path, mode_t mode) {
  return change_names(MKDIR, MADE_DIRECTORY, path, NULL, SYS_mkdir, (long)path, mode);
}
int rmdir(const char *path) {
  return change_names(RMDIR, REMOVED_DIRECTORY, path, NULL, SYS_rmdir, (long)path, 0);
}

// MARK: Sockets

int accept4(int listener, struct sockaddr *address, socklen_t *bytes, int flags) {
  struct sockaddr_storage peer;
  socklen_t peer_bytes = sizeof peer;
  int accepted = syscall(SYS_accept4, listener, &peer, &peer_bytes, flags);
  if (accepted < 0) return accepted;
  if (address && bytes) {
    memcpy(address, &peer, *bytes < peer_bytes ? *bytes : peer_bytes);
    *bytes = peer_bytes;
  }
  if (accepted < DESCRIPTORS_MAX && log_descriptor >= 0 && peer.ss_family == AF_INET) {
    pthread_mutex_lock(&lock);
    table[accepted].is_socket = 1;
    note(ACCEPTED, 0, accepted, 0, ntohs(((struct sockaddr_in *)&peer)->sin_port), NULL, NULL,
      NULL, 0, 0);
    pthread_mutex_unlock(&lock);
  }
  return accepted;
}
int accept(int listener, struct sockaddr *address, socklen_t *bytes) {
  return accept4(listener, address, bytes, 0);
}

ssize_t send(int descriptor, const void *bytes, size_t count, int flags) {
  int is_noted = log_descriptor >= 0 && descriptor >= 0 && descriptor < DESCRIPTORS_MAX
    && table[descriptor].is_socket;
  if (is_noted) {
    // Before it is done: whoever reads it must find everything before it on the disk.
    pthread_mutex_lock(&lock);
    note(SENT, 0, descriptor, 0, 0, NULL, NULL, &(struct iovec){(void *)bytes, count}, 1, count);
    pthread_mutex_unlock(&lock);
  }
  ssize_t sent = syscall(SYS_sendto, descriptor, bytes, count, flags, NULL, 0);
  if (is_noted && sent != (ssize_t)count) {
    put_line(2, "faults: a socket did not take all: read faster\n");
    abort();
  }
  return sent;
}

// MARK: Time

int clock_gettime(clockid_t clock, struct timespec *time) {
  static int (*call)(clockid_t, struct timespec *);
  if (!call) call = REAL(clock_gettime);
  int result = call(clock, time);
  if (result == 0 && clock_offset_ms && clock == CLOCK_REALTIME) {
    int64_t ms = *clock_offset_ms;
    time->tv_sec += ms / 1000;
    time->tv_nsec += (ms % 1000) * 1000000;
    if (time->tv_nsec >= 1000000000) time->tv_sec++, time->tv_nsec -= 1000000000;
    if (time->tv_nsec < 0) time->tv_sec--, time->tv_nsec += 1000000000;
  }
  return result;
}
