"""Projects of a company (`/rest/v1.1/projects`)."""

from __future__ import annotations

from providers.procore.wire import Instant, OnUnlessFalse, Text, TextOrBlank, WireId, WireModel


class Project(WireModel):
    """A job. `time_zone` is Procore's name for the zone in which its dates are meant; blank where unset."""

    id: WireId
    name: Text
    display_name: TextOrBlank = ""
    project_number: TextOrBlank = ""
    active: OnUnlessFalse = True
    time_zone: TextOrBlank = ""
    origin_id: Text | None = None
    accounting_project_number: Text | None = None
    updated_at: Instant | None = None
