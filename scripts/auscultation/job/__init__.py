"""What surrounds the work of a job: log, files, timeout, parallel folds, memory, lean imports."""
