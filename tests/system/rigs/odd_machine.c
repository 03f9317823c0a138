/* A machine that is not as it should be: its clock is elsewhere, its disk stands still or takes nothing any more.
   Preloaded into a daemon. ODD_MACHINE names a file of four 64-bit numbers, which the test changes at run time:
   seconds by which the clock is off, seconds by which the machine has been up for longer, 1: the disk stands still,
   1: the disk is read-only. Only files whose path holds ODD_DISK are touched. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
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

enum { CLOCK_OFF, AWAKE, STANDS_STILL, READ_ONLY, NUMBERS };

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

static int is_watched(int fd) {
    char link[64], path[4096];
    const char *part = getenv("ODD_DISK");
    if (!part) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strstr(path, part) != NULL;
}

/* -1: this write is refused. */
static int passes(int fd) {
    if (!odd()[STANDS_STILL] && !odd()[READ_ONLY]) return 0;
    if (!is_watched(fd)) return 0;
    while (odd()[STANDS_STILL]) usleep(20000);
    if (!odd()[READ_ONLY]) return 0;
    errno = EROFS;
    return -1;
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
    return passes(fd) ? -1 : real(fd);
}

int fdatasync(int fd) {
    REAL(fdatasync);
    return passes(fd) ? -1 : real(fd);
}
