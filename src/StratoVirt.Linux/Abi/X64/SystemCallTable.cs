namespace StratoVirt.Linux.Abi.X64;

/// <summary>The names of x86_64's system calls in the order of their numbers, from 0; <c>@n</c> goes on at number n. As of
/// Linux 6.1, whose calls keep their numbers for good.</summary>
internal static class SystemCallTable
{
    internal static ReadOnlySpan<byte> Names =>
        "read write open close stat fstat lstat poll lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask "u8
        + "rt_sigreturn ioctl pread64 pwrite64 readv writev access pipe select sched_yield mremap msync mincore "u8
        + "madvise shmget shmat shmctl dup dup2 pause nanosleep getitimer alarm setitimer getpid sendfile socket "u8
        + "connect accept sendto recvfrom sendmsg recvmsg shutdown bind listen getsockname getpeername socketpair "u8
        + "setsockopt getsockopt clone fork vfork execve exit wait4 kill uname semget semop semctl shmdt msgget "u8
        + "msgsnd msgrcv msgctl fcntl flock fsync fdatasync truncate ftruncate getdents getcwd chdir fchdir rename "u8
        + "mkdir rmdir creat link unlink symlink readlink chmod fchmod chown fchown lchown umask gettimeofday "u8
        + "getrlimit getrusage sysinfo times ptrace getuid syslog getgid setuid setgid geteuid getegid setpgid "u8
        + "getppid getpgrp setsid setreuid setregid getgroups setgroups setresuid getresuid setresgid getresgid "u8
        + "getpgid setfsuid setfsgid getsid capget capset rt_sigpending rt_sigtimedwait rt_sigqueueinfo "u8
        + "rt_sigsuspend sigaltstack utime mknod uselib personality ustat statfs fstatfs sysfs getpriority "u8
        + "setpriority sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_get_priority_max "u8
        + "sched_get_priority_min sched_rr_get_interval mlock munlock mlockall munlockall vhangup modify_ldt "u8
        + "pivot_root _sysctl prctl arch_prctl adjtimex setrlimit chroot sync acct settimeofday mount umount2 "u8
        + "swapon swapoff reboot sethostname setdomainname iopl ioperm create_module init_module delete_module "u8
        + "get_kernel_syms query_module quotactl nfsservctl getpmsg putpmsg afs_syscall tuxcall security gettid "u8
        + "readahead setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr "u8
        + "removexattr lremovexattr fremovexattr tkill time futex sched_setaffinity sched_getaffinity "u8
        + "set_thread_area io_setup io_destroy io_getevents io_submit io_cancel get_thread_area lookup_dcookie "u8
        + "epoll_create epoll_ctl_old epoll_wait_old remap_file_pages getdents64 set_tid_address restart_syscall "u8
        + "semtimedop fadvise64 timer_create timer_settime timer_gettime timer_getoverrun timer_delete "u8
        + "clock_settime clock_gettime clock_getres clock_nanosleep exit_group epoll_wait epoll_ctl tgkill utimes "u8
        + "vserver mbind set_mempolicy get_mempolicy mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify "u8
        + "mq_getsetattr kexec_load waitid add_key request_key keyctl ioprio_set ioprio_get inotify_init "u8
        + "inotify_add_watch inotify_rm_watch migrate_pages openat mkdirat mknodat fchownat futimesat newfstatat "u8
        + "unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat pselect6 ppoll unshare set_robust_list "u8
        + "get_robust_list splice tee sync_file_range vmsplice move_pages utimensat epoll_pwait signalfd "u8
        + "timerfd_create eventfd fallocate timerfd_settime timerfd_gettime accept4 signalfd4 eventfd2 "u8
        + "epoll_create1 dup3 pipe2 inotify_init1 preadv pwritev rt_tgsigqueueinfo perf_event_open recvmmsg "u8
        + "fanotify_init fanotify_mark prlimit64 name_to_handle_at open_by_handle_at clock_adjtime syncfs sendmmsg "u8
        + "setns getcpu process_vm_readv process_vm_writev kcmp finit_module sched_setattr sched_getattr renameat2 "u8
        + "seccomp getrandom memfd_create kexec_file_load bpf execveat userfaultfd membarrier mlock2 "u8
        + "copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free statx io_pgetevents rseq @424 "u8
        + "pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig "u8
        + "fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise "u8
        + "epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self "u8
        + "memfd_secret process_mrelease futex_waitv set_mempolicy_home_node"u8;
}
