"""Where recorded histories are kept, and what is taken out of them: whatever names the machine they come from."""

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHandle

from tests.product import Product

# A running product with a world of its own; settings that differ from the usual ones go behind it.
World = Callable[..., AbstractAsyncContextManager[Product]]

HISTORIES = Path(__file__).parent / "histories"
OF_THIS_MACHINE = ("identity", "stackTrace")


def without_machine(part: Any) -> Any:
    """The same history with every worker called the same and no path of a file."""
    if isinstance(part, dict):
        kept = {name: without_machine(value) for name, value in part.items()}
        return kept | {name: "recorded" for name in OF_THIS_MACHINE if kept.get(name)}
    return [without_machine(one) for one in part] if isinstance(part, list) else part


async def keep(name: str, handle: WorkflowHandle[Any, Any]) -> None:
    history = json.loads((await handle.fetch_history()).to_json())
    path = HISTORIES / f"{name}.json"
    path.write_text(json.dumps(without_machine(history), separators=(",", ":")) + "\n")
    print(f"{path.name}: {len(history['events'])} events, {path.stat().st_size} bytes")  # noqa: T201 - a command line
