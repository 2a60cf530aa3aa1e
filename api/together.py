"""Calls that come at once are answered together: one unit of work for however many came while the last one ran."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Together(Generic[Asked, Answer]):
    """``answer`` is given what was asked, in order and at most ``most`` at a time, and gives an answer to each.

    Whoever comes alone waits for nobody. One call of ``answer`` runs at a time: a flood takes one database connection,
    not all of them. What it raises is raised to everybody who asked for it.
    """

    def __init__(self, answer: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer]]], most: int) -> None:
        self._answer = answer
        self._most = most
        self._waiting: deque[tuple[Asked, asyncio.Future[Answer]]] = deque()
        self._answering: asyncio.Task[None] | None = None

    async def ask(self, one: Asked) -> Answer:
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((one, answered))
        if self._answering is None:
            self._answering = asyncio.create_task(self._answer_all())
        return await answered

    async def _answer_all(self) -> None:
        try:
            while self._waiting:
                await self._answer_some([self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))])
        finally:
            self._answering = None

    async def _answer_some(self, asked: Sequence[tuple[Asked, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._answer([one for one, _ in asked])
        except Exception as error:
            for _, answered in asked:
                # Who asked may have gone meanwhile.
                if not answered.done():
                    answered.set_exception(error)
            return
        for (_, answered), answer in zip(asked, answers, strict=True):
            if not answered.done():
                answered.set_result(answer)
