/* The wall clock of a program, shifted by the seconds in a file; preloaded (LD_PRELOAD, or a host's /etc/ld.so.preload).
 * CLOCK_OFFSET names the file; where it is not set, it is the one that the library was compiled with, if any.
 *
 * The file is mapped, so that a clock jumps at once, whoever runs the program. Absolute times of waits are shifted back:
 * the kernel's clock does not jump. Monotonic clocks stay as they are, as they do when somebody sets the date.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SINCE_1970 1000000000 /* seconds: a time that is less is none of the wall clock's */

#ifndef CLOCK_OFFSET_FILE
#define CLOCK_OFFSET_FILE 0
#endif

static volatile const int64_t *offset;
static int (*quick)(clockid_t, struct timespec *); /* without a system call; not there yet while libraries are loaded */

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("CLOCK_OFFSET");
    if (!path) path = CLOCK_OFFSET_FILE;
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file >= 0) {
        void *mapped = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
        if (mapped != MAP_FAILED) offset = mapped;
        close(file);
    }
    quick = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
}

static int64_t ahead(void) { return offset ? *offset : 0; }

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = quick ? quick(clock, now) : (int)syscall(SYS_clock_gettime, clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += ahead();
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec exact;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *now) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (now) *now = exact.tv_sec;
    return exact.tv_sec;
}

int timespec_get(struct timespec *now, int base) {
    return base == TIME_UTC && !clock_gettime(CLOCK_REALTIME, now) ? base : 0;
}

/* The clock that a deadline is of, and the deadline as the kernel knows it. */
static clockid_t known(const struct timespec *deadline, struct timespec *shifted) {
    *shifted = *deadline;
    if (deadline->tv_sec < SINCE_1970) return CLOCK_MONOTONIC;
    shifted->tv_sec -= ahead();
    return CLOCK_REALTIME;
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *deadline) {
    struct timespec shifted;
    clockid_t clock = known(deadline, &shifted);
    return pthread_cond_clockwait(condition, mutex, clock, &shifted);
}

int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *deadline) {
    struct timespec shifted;
    known(deadline, &shifted);
    return pthread_mutex_clocklock(mutex, CLOCK_REALTIME, &shifted);
}

int sem_timedwait(sem_t *semaphore, const struct timespec *deadline) {
    struct timespec shifted;
    known(deadline, &shifted);
    return sem_clockwait(semaphore, CLOCK_REALTIME, &shifted);
}
