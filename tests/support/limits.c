/* Tells the virtual machines of a host the limit of open files that they ask for, where this machine allows nobody as much. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#define WANTED 65536
static int told(int what, struct rlimit *limit) {
    int answer = syscall(SYS_prlimit64, 0, what, 0, limit);
    if (!answer && !strcmp(program_invocation_short_name, "java") && what == RLIMIT_NOFILE && limit->rlim_max < WANTED) limit->rlim_max = limit->rlim_cur = WANTED;
    return answer;
}
int getrlimit(__rlimit_resource_t what, struct rlimit *limit) { return told(what, limit); }
int getrlimit64(__rlimit_resource_t what, struct rlimit64 *limit) { return told(what, (struct rlimit *)limit); }
