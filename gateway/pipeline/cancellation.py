"""Why a task is told that something was cancelled."""

import asyncio


def is_being_cancelled() -> bool:
    """Whether it is the current task that somebody cancelled, as the fronts do when a client leaves.

    Otherwise a CancelledError comes from something that was awaited and had been cancelled: a fault, which is answered.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
