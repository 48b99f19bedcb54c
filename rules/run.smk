"""What surrounds a run: its lock, its progress, its messages."""

from snakemake.settings.types import MaxJobsPerTimespan
from snakemake_interface_logger_plugins.common import LogEvent

from auscultation.monitor.lock import Busy, Lock, OnEvent
from auscultation.monitor.failed_fits import mark_killed, note_sigterm
from auscultation.monitor.progress import Progress

# A display of the user's own choice (--logger) is left alone, and so are the jobs' own snakemakes.
if workflow.is_main_process and not workflow.output_settings.log_handler_settings:
    logger.addFilter(Progress())

LOCK = Lock()
TOLD_TO_END = []  # not empty after a SIGTERM


def take_lock():
    """Have the folder for this run alone, unless the user wants no lock."""
    if workflow.execution_settings.lock:
        try:
            LOCK.take(logger.info)
        except Busy as busy:
            raise WorkflowError(str(busy)) from None
        except KeyboardInterrupt:
            raise WorkflowError("Interrupted while it waited: nothing was started.") from None


# Who only looks (--dry-run, --lint, --summary) starts no run: no lock is taken, no file changes.
if workflow.is_main_process and not workflow.output_settings.dryrun:
    logger.addHandler(
        OnEvent(
            {
                LogEvent.WORKFLOW_STARTED: take_lock,
                LogEvent.RUN_INFO: lambda: LOCK.begin(workflow.local_exec),
            }
        )
    )


# Snakemake's own limit on jobs a second: each job that ends makes it look for jobs once more every
# second, and the end waits for the last look. It is never reached here, so only a user's own is kept.
UNREACHED = vars(MaxJobsPerTimespan.parse_choice("100/1s"))


onstart:
    note_sigterm(TOLD_TO_END)
    limit = workflow.scheduling_settings.max_jobs_per_timespan
    if limit and vars(limit) == UNREACHED:
        workflow.scheduler.job_rate_limiter = None
    if left_out(CONFIG):
        logger.info(
            f"target: {CONFIG['target']} is a class without order. Left out, as they predict a "
            f"number: {', '.join(left_out(CONFIG))}"
        )
    for fit in LOST:
        logger.info(
            f"Done without {fit['model']} under {fit['split']}: {fit['reason']} "
            "(--config allow_missing=false tries it again)"
        )


onerror:
    if not TOLD_TO_END:
        mark_killed(workflow.scheduler.failed)
    if lost(fits(CONFIG), RESULTS) and not CONFIG["allow_missing"]:
        logger.info(
            "What has not failed is kept. The report can be made without the fits that have: "
            "snakemake --cores N --config allow_missing=true (docs/reruns.md)"
        )
