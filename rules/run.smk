"""What surrounds a run: its lock, its progress, its messages."""

from snakemake_interface_logger_plugins.common import LogEvent

from auscultation.job.record import ANEW
from auscultation.monitor.failed_fits import mark_killed, note_sigterm
from auscultation.monitor.lock import Busy, Lock, OnEvent
from auscultation.monitor.progress import Progress

SIGTERMS = []  # those that this process was sent


def take_lock(lock):
    """Lock the folder for this run, unless the user wants no lock."""
    if workflow.execution_settings.lock:
        try:
            lock.take(logger.info)
        except Busy as busy:
            raise WorkflowError(str(busy)) from None
        except KeyboardInterrupt:
            raise WorkflowError("Interrupted while it waited: nothing was started.") from None


def recordings_to_hear():
    """How many recordings each job that hears some has, by the job's number; none of the demo's, not made yet."""
    counts = {
        job.jobid: sum(ending_of(path) in READABLE and Path(path).is_file() for path in job.input)
        for job in workflow.dag.needrun_jobs()
        if job.rule.name.endswith("hear_recordings")
    }
    return {number: n for number, n in counts.items() if n}


def watch():
    """Have the logger tell of progress and of the start of a run, which takes the lock.

    Once a process: Snakemake reads these files anew for each `use rule` of a module. A display of
    the user's own choice (--logger) is left alone. Who only looks (--dry-run, --lint, --summary)
    starts no run: no lock is taken, no file changes.
    """
    if any(isinstance(entry, Progress | OnEvent) for entry in logger.filters + logger.handlers):
        return
    if not workflow.output_settings.log_handler_settings:
        logger.addFilter(Progress(recordings=recordings_to_hear))
    if not workflow.output_settings.dryrun:
        lock = Lock()
        actions = {
            LogEvent.WORKFLOW_STARTED: lambda: take_lock(lock),
            LogEvent.RUN_INFO: lambda: lock.begin(workflow.local_exec),
        }
        logger.addHandler(OnEvent(actions))


if workflow.is_main_process:  # not in the snakemake of each job
    watch()


onstart:
    # -F and -R make everything anew, also what a job would keep
    forced = workflow.dag_settings.forceall or workflow.dag_settings.forcerun
    os.environ[ANEW] = "1" if forced else ""
    note_sigterm(SIGTERMS)
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
    if not SIGTERMS:
        for line in mark_killed(workflow.scheduler.failed):
            logger.error(line)
    if lost(fits(CONFIG), RESULTS) and not CONFIG["allow_missing"]:
        logger.info(
            "What has not failed is kept. The report can be made without the fits that have: "
            "snakemake --cores N --config allow_missing=true (docs/reruns.md)"
        )
