"""What Intuit's webhooks tell: that something in a company's books changed. A hint to look, never the change itself.

Two bodies exist: an array of CloudEvents, and the older `eventNotifications`. Both are signed over the raw bytes.
Intuit: webhooks; blogs.intuit.com/2025/11/12/upcoming-change-to-webhooks-payload-structure.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

SIGNATURE_HEADER = "intuit-signature"
# A realm has 16 digits or so, an entity a few; a delivery's id is a UUID.
_Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[!-~]+$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)


class BookNews(_Part):
    """One change: `entity` is Intuit's word in lower case (`billpayment`), `operation` whatever word it used.

    `id` is the same for every repetition.
    """

    id: Annotated[str, Field(max_length=128)]
    realm_id: _Id
    entity: str
    operation: str
    entity_id: _Id


class _CloudEvent(_Part):
    id: _Id
    type: Annotated[str, Field(pattern=r"^qbo\.\w+\.\w+\.v\d+$", max_length=64)]
    intuitentityid: _Id
    intuitaccountid: _Id

    def news(self) -> BookNews:
        _, entity, operation, _ = self.type.lower().split(".")
        return BookNews(
            id=self.id,
            realm_id=self.intuitaccountid,
            entity=entity,
            operation=operation,
            entity_id=self.intuitentityid,
        )


class _ChangedEntity(_Part):
    name: Annotated[str, Field(max_length=32, pattern=r"^\w+$")]
    id: _Id
    operation: Annotated[str, Field(max_length=16, pattern=r"^\w*$")] = ""
    last_updated: Annotated[str, Field(alias="lastUpdated", max_length=40, pattern=r"^[!-~]*$")] = ""

    def news(self, realm_id: str) -> BookNews:
        # The older body numbers no delivery: what changed, how and when is as good.
        entity, operation = self.name.lower(), self.operation.lower()
        return BookNews(
            id=f"{realm_id[:24]}/{entity}/{self.id[:24]}/{operation}/{self.last_updated}"[:128],
            realm_id=realm_id,
            entity=entity,
            operation=operation,
            entity_id=self.id,
        )


class _ChangedEntities(_Part):
    entities: list[_ChangedEntity]


class _Notification(_Part):
    realm_id: Annotated[_Id, Field(alias="realmId")]
    change: Annotated[_ChangedEntities, Field(alias="dataChangeEvent")]


class _Notifications(_Part):
    notifications: Annotated[list[_Notification], Field(alias="eventNotifications")]


_BODY: TypeAdapter[list[_CloudEvent] | _Notifications] = TypeAdapter(list[_CloudEvent] | _Notifications)


def is_signed(body: bytes, signature: str, verifier: str) -> bool:
    """Whether the signature is the body's under the app's verifier token; takes the same time for every wrong one."""
    digest = hmac.new(verifier.encode(), body, hashlib.sha256).digest()
    return hmac.compare_digest(base64.b64encode(digest), signature.encode("utf-8", "surrogateescape"))


def read_news(body: bytes) -> list[BookNews]:
    """The news of a delivery in either body, of any number of companies. Raises ValueError, without any of the values
    sent, for anything else."""
    try:
        read = _BODY.validate_json(body)
    except ValidationError as wrong:
        kinds = sorted({error["type"] for error in wrong.errors(include_input=False, include_url=False)})[:5]
        raise ValueError(f"neither of the two bodies ({', '.join(kinds)})") from None
    if isinstance(read, _Notifications):
        return [one.news(told.realm_id) for told in read.notifications for one in told.change.entities]
    return [one.news() for one in read]
