/* Remembers what a disk would hold after a power cut: for each file its content at its last fsync, for each directory
 * its names at its last fsync. Preloaded into a process:
 *
 *   POWER_CUT_WATCH  the directory that is watched, absolute
 *   POWER_CUT_KEPT   where it is remembered, outside of it:
 *     log            one line a sync: F or D, and the path
 *     <inode>-<born> content of a file
 *     <inode>-<born>.names, root.names   lines "type mode inode-born name"
 *
 * Nothing else counts as saved: neither a write, nor a rename, nor the fsync of a file whose name was never synced.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *watch, *kept;

__attribute__((constructor)) static void begin(void) {
    watch = getenv("POWER_CUT_WATCH");
    kept = getenv("POWER_CUT_KEPT");
}

/* Inode numbers are given anew after an unlink; with the time of birth they are not. */
static int key_of(int directory, const char *name, int flags, char *key, size_t size, unsigned *mode) {
    struct statx at;
    if (statx(directory, name, flags | AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &at)) return -1;
    snprintf(key, size, "%llu-%lld.%u", (unsigned long long)at.stx_ino, (long long)at.stx_btime.tv_sec, at.stx_btime.tv_nsec);
    *mode = at.stx_mode;
    return 0;
}

/* Written beside and renamed: the process may be killed at any instant. */
static FILE *draft(char *path, const char *name) {
    snprintf(path, PATH_MAX, "%s/%s.%ld.draft", kept, name, (long)syscall(SYS_gettid));
    return fopen(path, "we");
}

static void finish(FILE *file, const char *path, const char *name) {
    char final[PATH_MAX];
    snprintf(final, sizeof final, "%s/%s", kept, name);
    fclose(file);
    rename(path, final);
}

static void keep_content(int fd, const char *key) {
    char path[PATH_MAX], buffer[65536];
    /* Opened anew only where it must be: closing another descriptor of a database would drop SQLite's locks. */
    int reads = (fcntl(fd, F_GETFL) & O_ACCMODE) != O_WRONLY;
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    int from = reads ? fd : open(self, O_RDONLY | O_CLOEXEC);
    FILE *file = draft(path, key);
    ssize_t count;
    for (off_t at = 0; (count = pread(from, buffer, sizeof buffer, at)) > 0; at += count) fwrite(buffer, 1, count, file);
    finish(file, path, key);
    if (!reads) close(from);
}

static void keep_names(const char *directory, const char *key) {
    char path[PATH_MAX], name[256], entry_key[128];
    unsigned mode;
    snprintf(name, sizeof name, "%s.names", strcmp(directory, watch) ? key : "root");
    FILE *file = draft(path, name);
    DIR *open_directory = opendir(directory);
    for (struct dirent *entry; open_directory && (entry = readdir(open_directory));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        if (key_of(dirfd(open_directory), entry->d_name, 0, entry_key, sizeof entry_key, &mode)) continue;
        char type = S_ISDIR(mode) ? 'D' : S_ISREG(mode) ? 'F' : 'O';
        fprintf(file, "%c %o %s %s\n", type, mode & 07777, entry_key, entry->d_name);
    }
    if (open_directory) closedir(open_directory);
    finish(file, path, name);
}

static void note(char type, const char *path) {
    char log[PATH_MAX], line[PATH_MAX + 4];
    snprintf(log, sizeof log, "%s/log", kept);
    int fd = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    int length = snprintf(line, sizeof line, "%c %s\n", type, path);
    if (fd < 0 || write(fd, line, length) != length) abort();
    close(fd);
}

static int synced(const char *call, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, call);
    int answer = real(fd);
    char self[64], path[PATH_MAX], key[128];
    unsigned mode;
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(self, path, sizeof path - 1);
    if (answer || !watch || !kept || length < 0) return answer;
    path[length] = 0;
    if (strncmp(path, watch, strlen(watch)) || key_of(fd, "", AT_EMPTY_PATH, key, sizeof key, &mode)) return answer;
    if (S_ISDIR(mode)) keep_names(path, key);
    else keep_content(fd, key);
    note(S_ISDIR(mode) ? 'D' : 'F', path);
    return answer;
}

int fsync(int fd) { return synced("fsync", fd); }

int fdatasync(int fd) { return synced("fdatasync", fd); }
