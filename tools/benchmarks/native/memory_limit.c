/* What the memory of this machine allows a fan-out on one thread: for each follower of a post, one
 * slot of a ring is written and the ring's head moved on, and nothing else is done.
 *
 *   memory_limit PEOPLE FOLLOWERS SECONDS
 *
 * Rings have 128 slots of 4 bytes and lie one after another with their heads in between; followers
 * are drawn at random and stand in ascending order, which is the order that memory likes best. As
 * many accounts post in turn as in the benchmark of Roost.
 * Prints deliveries per second. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SLOTS = 128, LISTS = 8 };

struct ring {
  uint32_t head;
  uint32_t slots[SLOTS];
};

static uint64_t state = 0x9e3779b97f4a7c15;

static uint64_t drawn(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static int ascending(const void *left, const void *right) {
  uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
  return (a > b) - (a < b);
}

int main(int count, char **words) {
  if (count != 4) {
    fprintf(stderr, "usage: memory_limit PEOPLE FOLLOWERS SECONDS\n");
    return 2;
  }
  size_t people = strtoull(words[1], NULL, 10), followers = strtoull(words[2], NULL, 10);
  double seconds = strtod(words[3], NULL);
  struct ring *rings = calloc(people, sizeof *rings);
  uint32_t *lists = malloc(LISTS * followers * sizeof *lists);
  if (people == 0 || followers == 0 || !rings || !lists) {
    fprintf(stderr, "memory_limit: there is no memory for so many people\n");
    return 1;
  }
  /* Every page is there before the clock starts. */
  for (size_t person = 0; person < people; person++) rings[person].head = person % SLOTS;
  for (size_t list = 0; list < LISTS; list++) {
    for (size_t at = 0; at < followers; at++) lists[list * followers + at] = drawn() % people;
    qsort(lists + list * followers, followers, sizeof *lists, ascending);
  }
  uint64_t deliveries = 0, check = 0;
  uint32_t post = 0;
  double began = now(), took = 0;
  while (took < seconds) {
    const uint32_t *list = lists + (post % LISTS) * followers;
    for (size_t at = 0; at < followers; at++) {
      struct ring *ring = &rings[list[at]];
      ring->slots[ring->head++ % SLOTS] = post;
    }
    post++;
    deliveries += followers;
    took = now() - began;
  }
  for (size_t person = 0; person < people; person++) check += rings[person].slots[0];
  fprintf(stderr, "checksum %llu\n", (unsigned long long)check);
  printf("%.0f\n", (double)deliveries / took);
  return 0;
}
