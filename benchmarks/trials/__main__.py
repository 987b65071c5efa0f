"""`python -m benchmarks.trials`."""

from benchmarks.trials.command import main

main()
