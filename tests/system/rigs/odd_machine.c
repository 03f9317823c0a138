/* A machine that is not as it should be: its clock is elsewhere, its disk stands still or takes nothing any more.
   Preloaded into a daemon. ODD_MACHINE names a file of eight 64-bit numbers, which the test changes at run time:
   seconds by which the clock is off, seconds by which the machine has been up for longer, 1: the disk stands still,
   1: the disk is read-only, 1: reading fails, 1: what was written does not reach the platter (fsync fails), 1: the
   database itself takes nothing, though its log does; n: the process is killed at its n-th write. Only files whose path holds ODD_DISK are touched. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { CLOCK_OFF, AWAKE, STANDS_STILL, READ_ONLY, READ_FAILS, SYNC_FAILS, DATABASE_FAILS, DIES_AT, NUMBERS };

static volatile const int64_t *odd(void) {
    static volatile const int64_t *found;
    static const int64_t even[NUMBERS];
    if (!found) {
        const char *path = getenv("ODD_MACHINE");
        int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        void *seen = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof even, PROT_READ, MAP_SHARED, fd, 0);
        if (fd >= 0) close(fd);
        found = seen == MAP_FAILED ? even : seen;
    }
    return found;
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

int clock_gettime(clockid_t which, struct timespec *at) {
    REAL(clock_gettime);
    int done = real(which, at);
    if (!done && which == CLOCK_REALTIME) at->tv_sec += odd()[CLOCK_OFF];
    if (!done && which == CLOCK_BOOTTIME) at->tv_sec += odd()[AWAKE];
    return done;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    REAL(gettimeofday);
    int done = real(at, zone);
    if (!done) at->tv_sec += odd()[CLOCK_OFF];
    return done;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}

/* No time server keeps this clock right. */
int adjtimex(struct timex *asked) {
    REAL(adjtimex);
    real(asked);
    asked->status |= STA_UNSYNC;
    return TIME_ERROR;
}

enum { NOT_WATCHED, BESIDE, DATABASE };

static int watched(int fd) {
    char link[64], path[4096];
    const char *part = getenv("ODD_DISK");
    if (!part) return NOT_WATCHED;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return NOT_WATCHED;
    path[length] = 0;
    const char *found = strstr(path, part);
    if (!found) return NOT_WATCHED;
    return strcmp(found, part) ? BESIDE : DATABASE;
}

static int fails(int error) {
    errno = error;
    return -1;
}

/* -1: this write is refused. */
static int passes(int fd) {
    static int64_t writes;
    if (!odd()[STANDS_STILL] && !odd()[READ_ONLY] && !odd()[DATABASE_FAILS] && !odd()[DIES_AT]) return 0;
    int which = watched(fd);
    if (which == NOT_WATCHED) return 0;
    if (odd()[DIES_AT] && __sync_add_and_fetch(&writes, 1) >= odd()[DIES_AT]) kill(getpid(), SIGKILL);
    while (odd()[STANDS_STILL]) usleep(20000);
    if (odd()[READ_ONLY]) return fails(EROFS);
    return odd()[DATABASE_FAILS] && which == DATABASE ? fails(EIO) : 0;
}

static int reaches(int fd) {
    if (odd()[SYNC_FAILS] && watched(fd) != NOT_WATCHED) return fails(EIO);
    return passes(fd);
}

static int reads(int fd) {
    return odd()[READ_FAILS] && watched(fd) != NOT_WATCHED ? fails(EIO) : 0;
}

ssize_t pread(int fd, void *bytes, size_t count, off_t at) {
    REAL(pread);
    return reads(fd) ? -1 : real(fd, bytes, count, at);
}

ssize_t pread64(int fd, void *bytes, size_t count, off64_t at) {
    REAL(pread64);
    return reads(fd) ? -1 : real(fd, bytes, count, at);
}

ssize_t read(int fd, void *bytes, size_t count) {
    REAL(read);
    return reads(fd) ? -1 : real(fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
    REAL(pwrite);
    return passes(fd) ? -1 : real(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    REAL(pwrite64);
    return passes(fd) ? -1 : real(fd, bytes, count, at);
}

ssize_t write(int fd, const void *bytes, size_t count) {
    REAL(write);
    return passes(fd) ? -1 : real(fd, bytes, count);
}

int fsync(int fd) {
    REAL(fsync);
    return reaches(fd) ? -1 : real(fd);
}

int fdatasync(int fd) {
    REAL(fdatasync);
    return reaches(fd) ? -1 : real(fd);
}
