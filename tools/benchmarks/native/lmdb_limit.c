/* What LMDB does on its own, with entries as large as Roost's events.
 *
 *   lmdb_limit DIRECTORY ENTRIES BYTES BATCH SECONDS
 *
 * Writes ENTRIES values of BYTES bytes under ascending keys in one transaction and reads them
 * through a cursor; then, for SECONDS, commits transactions of BATCH entries, each synced to the
 * disk. Prints three numbers: entries written, read, and synced per second. */
#include <lmdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MAP_BYTES_MAX = 1 << 30, VALUE_BYTES_MAX = 2000 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void must(int status, const char *what) {
  if (status == MDB_SUCCESS) return;
  fprintf(stderr, "lmdb_limit: %s: %s\n", what, mdb_strerror(status));
  exit(1);
}

static MDB_env *env;
static MDB_dbi table;
static size_t bytes;
static char content[VALUE_BYTES_MAX];

/* One transaction that appends entries under the keys from `first` on. */
static void append(uint64_t first, uint64_t entries) {
  MDB_txn *txn;
  must(mdb_txn_begin(env, NULL, 0, &txn), "begin");
  for (uint64_t number = first; number < first + entries; number++) {
    uint64_t ordered = __builtin_bswap64(number);
    MDB_val key = {sizeof ordered, &ordered}, value = {bytes, content};
    must(mdb_put(txn, table, &key, &value, MDB_APPEND), "put");
  }
  must(mdb_txn_commit(txn), "commit");
}

/* The sum of the first bytes of all values, so that each is looked at. */
static uint64_t scan(uint64_t *entries) {
  MDB_txn *txn;
  MDB_cursor *cursor;
  MDB_val key, value;
  uint64_t sum = 0;
  must(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), "begin");
  must(mdb_cursor_open(txn, table, &cursor), "cursor");
  for (*entries = 0; mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == MDB_SUCCESS; ++*entries)
    sum += *(unsigned char *)value.mv_data;
  mdb_cursor_close(cursor);
  mdb_txn_abort(txn);
  return sum;
}

int main(int count, char **words) {
  if (count != 6) {
    fprintf(stderr, "usage: lmdb_limit DIRECTORY ENTRIES BYTES BATCH SECONDS\n");
    return 2;
  }
  uint64_t entries = strtoull(words[2], NULL, 10), batch = strtoull(words[4], NULL, 10);
  double seconds = strtod(words[5], NULL);
  bytes = strtoull(words[3], NULL, 10);
  if (entries == 0 || batch == 0 || bytes == 0 || bytes > VALUE_BYTES_MAX) {
    fprintf(stderr, "lmdb_limit: entries, bytes and batch start at 1\n");
    return 2;
  }
  MDB_txn *txn;
  must(mdb_env_create(&env), "create");
  must(mdb_env_set_mapsize(env, MAP_BYTES_MAX), "map size");
  must(mdb_env_open(env, words[1], 0, 0600), "open");
  must(mdb_txn_begin(env, NULL, 0, &txn), "begin");
  must(mdb_dbi_open(txn, NULL, MDB_CREATE, &table), "table");
  must(mdb_txn_commit(txn), "commit");

  double began = now();
  append(0, entries);
  double written = now() - began;
  uint64_t seen;
  began = now();
  uint64_t sum = scan(&seen);
  double read = now() - began;
  if (seen != entries || sum != 0) {
    fprintf(stderr, "lmdb_limit: %llu entries are missing\n", (unsigned long long)(entries - seen));
    return 1;
  }
  uint64_t synced = 0;
  began = now();
  double took = 0;
  for (; took < seconds; took = now() - began) {
    append(entries + synced, batch);
    synced += batch;
  }
  printf("%.0f %.0f %.0f\n", (double)entries / written, (double)seen / read, (double)synced / took);
  mdb_env_close(env);
  return 0;
}
