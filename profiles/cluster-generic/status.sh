#!/bin/sh
# Says of a Slurm job: running, success or failed. While the controller does not answer, a job counts
# as running: it most likely is, and calling it failed would start it a second time beside itself.
state=$(squeue --noheader --states=all --format=%T --jobs="$1" 2>&1)
case $state in
    # the controller forgets a job some minutes after its end; the accounts, if there are any, do not
    *"Invalid job id"*)
        state=$(sacct --noheader --allocations --format=State%30 --jobs="$1" 2> /dev/null) ;;
esac
case $(echo $state) in
    COMPLETED)
        echo success ;;
    # "" where nobody knows the job any more
    "" | BOOT_FAIL | CANCELLED* | DEADLINE | FAILED | NODE_FAIL | OUT_OF_MEMORY | PREEMPTED | REVOKED | TIMEOUT)
        echo failed ;;
    *)
        echo running ;;
esac
