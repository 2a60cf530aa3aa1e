"""How a process of ours settles in, and how it ends: flushed, with its exit code, without Temporal's native threads."""

import asyncio
import gc
import os
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

# Python looks for cycles after so many new objects; its own 700 is a look for every second invoice.
NEW_OBJECTS = 20_000


def settle_in() -> None:
    """Call it once everything is imported and built: that stays, and no later collection has to walk through it.

    A collection of all there is takes a third of a second, which a page or an activity would wait for.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)


def leave(
    main: Coroutine[Any, Any, int | None], new_loop: Callable[[], asyncio.AbstractEventLoop] | None = None
) -> NoReturn:
    """Run ``main``, in asyncio's own event loop or the one given, and end the process with what it returns (None is 0).

    A short-lived process that used a Temporal client may crash while Python shuts down (sdk-python issue 300), which
    would turn a good run red; so the interpreter's own shutdown is skipped.
    """
    code = 0
    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            code = runner.run(main) or 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 1
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    time.sleep(0.3)
    os._exit(code)
