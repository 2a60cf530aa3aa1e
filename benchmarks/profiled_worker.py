"""The worker under cProfile: `BENCHMARK_PROFILE` names the file its statistics go to when it is told to stop."""

import cProfile
import os

from uvloop import new_event_loop

import worker
from benchmarks.product import PROFILE_VARIABLE
from foundation.processes import leave


async def main() -> None:
    """Run the worker, and write the statistics at its end."""
    profile = cProfile.Profile()
    profile.enable()
    try:
        await worker.main()
    finally:
        profile.disable()
        profile.dump_stats(os.environ[PROFILE_VARIABLE])


if __name__ == "__main__":
    leave(main(), new_event_loop)
