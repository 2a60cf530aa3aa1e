"""How a process of ours ends: flushed, with its exit code, and without waiting for Temporal's native threads."""

import asyncio
import os
import sys
import time
from collections.abc import Coroutine
from typing import Any, NoReturn


def leave(main: Coroutine[Any, Any, int | None]) -> NoReturn:
    """Run ``main`` and end the process with what it returns (None is 0).

    A short-lived process that used a Temporal client may crash while Python shuts down (sdk-python issue 300), which
    would turn a good run red; so the interpreter's own shutdown is skipped.
    """
    code = 0
    try:
        code = asyncio.run(main) or 0
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
