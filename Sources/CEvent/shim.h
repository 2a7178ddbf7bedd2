#pragma once

// First, for event2/event.h asks for GNU's variants of the types in these, which would then differ
// from Swift's view of them.
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <event2/event.h>

// GNU's, which Swift's Glibc module leaves out.
int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
int pthread_setname_np(pthread_t thread, const char *name);
