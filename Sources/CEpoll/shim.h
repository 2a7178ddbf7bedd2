#pragma once

// Swift's Glibc module leaves it out.
#include <sys/epoll.h>
