"""Procore ids: ascending per kind, beyond 32 bits for what lives in a newer region."""

from __future__ import annotations

WIDE = 562_949_953_421_312
"""2**49: ids of Procore's newer regions were seen from here on."""


class Counter:
    """Ids of one kind; wide and narrow ones never meet."""

    def __init__(self, start: int) -> None:
        self._narrow = start
        self._wide = WIDE + start

    def take(self, wide: bool = False) -> int:
        if wide:
            self._wide += 1
            return self._wide
        self._narrow += 1
        return self._narrow
