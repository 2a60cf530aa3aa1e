"""Reading filters and ranges from a query string as Rails does: `filters[a]=1`, `filters[a][]=1&filters[a][]=2`.

Source: documentation/tutorials/filtering_on_list_actions.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from simulators.procore.errors import bad_parameter
from simulators.procore.wire import read_time


@dataclass(frozen=True)
class TimeRange:
    """Both ends belong to the range."""

    start: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        return self.start <= moment <= self.end


class Query:
    """The query of one request. Of a repeated plain parameter the last one counts, as in Rails."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self.pairs = pairs

    @cached_property
    def last(self) -> Mapping[str, str]:
        return dict(self.pairs)

    def get(self, name: str) -> str | None:
        value = self.last.get(name)
        return value if value != "" else None

    def filter(self, name: str) -> str | None:
        return self.get(f"filters[{name}]")

    def filter_list(self, name: str) -> list[str] | None:
        """Values of `filters[name][]`, or of `filters[name]` as one value or a JSON array; None when absent."""
        several = [value for key, value in self.pairs if key == f"filters[{name}][]"]
        if several:
            return several
        one = self.filter(name)
        if one is None:
            return None
        if one.startswith("["):
            try:
                return [str(value) for value in json.loads(one)]
            except ValueError as unreadable:
                raise bad_parameter(f"filters[{name}]") from unreadable
        return [one]

    def filter_ids(self, name: str) -> set[int] | None:
        values = self.filter_list(name)
        if values is None:
            return None
        try:
            return {int(value) for value in values}
        except ValueError as unreadable:
            raise bad_parameter(f"filters[{name}]") from unreadable

    def filter_flag(self, name: str) -> bool | None:
        value = self.filter(name)
        if value is None:
            return None
        if value.lower() not in {"true", "false"}:
            raise bad_parameter(f"filters[{name}]")
        return value.lower() == "true"

    def filter_range(self, name: str) -> TimeRange | None:
        """`A...B`, optionally in double quotes; a bare date as the end means that whole day."""
        value = self.filter(name)
        if value is None:
            return None
        start, dots, end = value.strip('"').partition("...")
        try:
            if not dots:
                raise ValueError(value)
            until = read_time(end)
            if len(end) == len("2026-06-01"):
                until += timedelta(days=1, seconds=-1)
            return TimeRange(read_time(start), until)
        except ValueError as unreadable:
            raise bad_parameter(f"filters[{name}]") from unreadable
