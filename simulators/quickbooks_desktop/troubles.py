"""Trouble on order: what goes wrong at which arrow of an update.

An arrow is `<when>:<call>`. For a call to our web service `before` is just before it leaves the PC, `sent` is when
the service has done its work but the answer has not arrived, `after` is when the answer is there. For `process`
(QuickBooks' ProcessRequest) `before` is before QuickBooks starts, `sent` is when the books are written but neither
the record for error recovery nor the answer is, `after` is when both are and the Web Connector has the answer.

Effects

    lose              the line is cut there: the Web Connector sees a failed call (`sent` is the lost answer)
    crash_connector   the Web Connector dies; it is there again for the next update unless `stays_down`
    crash_quickbooks  QuickBooks dies; the Web Connector gets an HRESULT for its answer
    crash_pc          the PC dies, both with it; up again for the next update unless `stays_down`
    sleep             the PC sleeps there until somebody wakes it; then the update goes on where it was
                      (at `sent` with a line that has meanwhile been cut)
    twice             the call leaves twice, as a proxy may do; the second answer counts (calls only, `before`)
    hresult           QuickBooks gives no answer but `hresult` (`process` only; `after`: although it did the work)
    status            QuickBooks answers `code` and `message` (`process` only; `after`: although it did the work)
    half, no_ret, other_request, text
                      the answer of QuickBooks is cut in the middle, has lost its Rets, names another requestID,
                      or is `message` (`after:process` only)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

CALLS = (
    "serverVersion",
    "clientVersion",
    "authenticate",
    "sendRequestXML",
    "receiveResponseXML",
    "connectionError",
    "getLastError",
    "closeConnection",
)
PROCESS = "process"
ARROWS = tuple(f"{when}:{call}" for call in (*CALLS, PROCESS) for when in ("before", "sent", "after"))

Effect = Literal[
    "lose",
    "crash_connector",
    "crash_quickbooks",
    "crash_pc",
    "sleep",
    "twice",
    "hresult",
    "status",
    "half",
    "no_ret",
    "other_request",
    "text",
]
LEFT_TO_CALLER = frozenset({"twice", "hresult", "status", "half", "no_ret", "other_request", "text"})
"""Effects that change a call or an answer instead of ending something."""

_OF_PROCESS = {"hresult", "status"}
_OF_ANSWERS = {"half", "no_ret", "other_request", "text"}


class Trouble(BaseModel):
    """One trouble, as posted to /control/troubles."""

    model_config = ConfigDict(extra="forbid")

    arrow: str
    effect: Effect
    pc: str | None = None
    application: str | None = Field(default=None, description="the UserName of the .qwc")
    request: str | None = Field(default=None, description="only while this text is in what is processed")
    count: int | None = Field(default=1, ge=1, description="how often it strikes; None is always")
    after: int = Field(default=0, ge=0, description="how many times the arrow passes first")
    stays_down: bool = False
    hresult: str = "0x80040402"
    code: int = 1000
    message: str = "There has been an internal error when processing the request."

    @field_validator("arrow")
    @classmethod
    def _known(cls, arrow: str) -> str:
        if arrow not in ARROWS:
            raise ValueError(f"no arrow; known are {', '.join(ARROWS)}")
        return arrow

    @field_validator("effect")
    @classmethod
    def _fits(cls, effect: Effect, info: Any) -> Effect:
        arrow = str(info.data.get("arrow", ""))
        if effect in _OF_PROCESS and arrow not in ("before:process", "after:process"):
            raise ValueError(f"{effect} strikes before:process or after:process")
        if effect in _OF_ANSWERS and arrow != "after:process":
            raise ValueError(f"{effect} strikes after:process")
        if effect == "lose" and arrow.endswith(f":{PROCESS}"):
            raise ValueError("no line leads to QuickBooks; it can crash or answer an hresult")
        if effect == "twice" and (not arrow.startswith("before:") or arrow == "before:process"):
            raise ValueError("twice strikes before a call")
        return effect


@dataclass
class _Armed:
    id: int
    trouble: Trouble
    passed: int = 0
    struck: int = 0


class Troubles:
    """The troubles in force, in the order they were added; the first that strikes wins."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []
        self._last_id = 0

    def add(self, trouble: Trouble) -> int:
        """Put one in force; returns its id."""
        self._last_id += 1
        self._armed.append(_Armed(self._last_id, trouble))
        return self._last_id

    def clear(self) -> None:
        """Withdraw all."""
        self._armed.clear()

    def describe(self) -> list[dict[str, Any]]:
        """All with their counts, for the control API."""
        return [
            {"id": armed.id, "passed": armed.passed, "struck": armed.struck, **armed.trouble.model_dump()}
            for armed in self._armed
        ]

    def strike(self, arrow: str, pc: str, application: str, request: str) -> Trouble | None:
        """The trouble that strikes at this arrow now, if any."""
        for armed in self._armed:
            trouble = armed.trouble
            if trouble.arrow != arrow or trouble.pc not in (None, pc):
                continue
            if trouble.application not in (None, application) or (trouble.request or "") not in request:
                continue
            armed.passed += 1
            if armed.passed > trouble.after and (trouble.count is None or armed.struck < trouble.count):
                armed.struck += 1
                return trouble
        return None
