"""Behaviour switches: what the documentation leaves open, or what differs between real accounts."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

ERROR_SHAPES = (
    "mixed",
    "errors_list",
    "errors_object",
    "errors_text",
    "error_text",
    "message",
    "message_exception",
    "code_message",
    "reason_error",
    "v2",
)
_CHOICES: dict[str, tuple[str, ...]] = {
    "error_shape": ERROR_SHAPES,
    "list_order": ("by_id", "stable_shuffle", "shuffle_each_request"),
    "history_spelling": ("value", "label"),
    "status_list_filter": ("ignored", "any_of"),
}


@dataclass
class Switches:
    """Every switch with the behaviour of a plain account as its default.

    Limits are calls per window, 0 turns the window off. Lifetimes and times are seconds.
    """

    hourly_limit: int = 0
    """Calls per 60 minutes and caller (Procore: documentation/plan_your_app/rate_limiting.md shows 600)."""
    spike_limit: int = 0
    """Calls per 10 seconds and caller (same page shows 25)."""
    retry_after_on_429: bool = False
    """error_reference.md promises Retry-After on 429, rate_limiting.md does not: both exist."""
    error_shape: str = "mixed"
    """`mixed` answers each error in the shape reported for it; another word forces one shape for all."""
    list_order: str = "stable_shuffle"
    """Procore documents no order for requisition lists."""
    status_list_filter: str = "ignored"
    """Whether `filters[status][]=a&filters[status][]=b` filters or is ignored: undocumented."""
    history_spelling: str = "value"
    """Whether change histories say `approved_as_noted` or `Approved As Noted`: undocumented."""
    not_connected_status: int = 403
    """403 is reported for an app that is not installed; 401 has been seen too."""
    hide_unpermitted_projects: bool = False
    """True answers 404 instead of 403 for a project the service account was not given."""
    delete_requires_open: bool = False
    """True refuses to delete an approved requisition even when it is the latest."""
    access_token_lifetime: int = 5400
    webhook_timeout: float = 5.0
    webhook_backoff_scale: float = 1.0
    """Multiplies the 1 s … 1 h back-off between deliveries, so that tests need not wait."""
    webhook_discard_after: int = 12 * 3600
    webhook_drop_rate: float = 0.0
    webhook_duplicate_rate: float = 0.0
    webhook_reorder: bool = False
    company_hooks_see_projects: bool = False
    """Third parties report that a company hook never gets project-tool events."""
    procore_pay_takes_payments: bool = True
    """Whether a commitment that is paid through Procore Pay takes payments through the API: undocumented."""
    delete_synced_payments: bool = False
    """Whether the API deletes a contract payment that has an `origin_id`: undocumented."""
    erp_connector_active: bool = False
    """Approvals then move `erp_status` to ready_to_export, as Procore's own ERP connector does."""

    def as_wire(self) -> dict[str, object]:
        return asdict(self)

    def change(self, wanted: dict[str, object]) -> None:
        """Set switches by name, all or none. Raises ValueError that names an unknown switch or a bad value."""
        known = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        accepted: dict[str, object] = {}
        for name, given in wanted.items():
            if name not in known:
                raise ValueError(f"there is no switch {name!r}; known: {', '.join(sorted(known))}")
            kind = known[name]
            whole_number = isinstance(given, int) and not isinstance(given, bool)
            value = float(str(given)) if kind is float and whole_number else given
            if type(value) is not kind:
                raise ValueError(f"switch {name!r} takes a {kind.__name__}")
            if name in _CHOICES and value not in _CHOICES[name]:
                raise ValueError(f"switch {name!r} takes one of {', '.join(_CHOICES[name])}")
            accepted[name] = value
        for name, value in accepted.items():
            setattr(self, name, value)
