"""The one place for secrets at rest: AES-GCM with a key ring, bound to the row that holds the ciphertext."""

import base64
import binascii
import os
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class SecretUnreadable(Exception):
    """A ciphertext does not open: its key left the ring, or it was moved to another row."""


@dataclass(frozen=True)
class SecretPlace:
    """Where a secret is stored; part of what is authenticated, so that a ciphertext works nowhere else."""

    table: str
    column: str
    row_id: UUID

    @property
    def associated_data(self) -> bytes:
        return f"{self.table}.{self.column}.{self.row_id}".encode()


class SecretBox:
    """Seals and opens secrets. The first key of the ring seals; every key of the ring opens.

    A sealed secret is: length of the key id (1 byte), key id, nonce (12 bytes), ciphertext with its tag.
    """

    def __init__(self, keys: dict[str, bytes]) -> None:
        if not keys:
            raise ValueError("the key ring is empty")
        self._ring = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._sealing_key_id = next(iter(keys))

    def seal(self, secret: bytes, place: SecretPlace) -> bytes:
        key_id = self._sealing_key_id.encode()
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ring[self._sealing_key_id].encrypt(nonce, secret, place.associated_data)
        return bytes([len(key_id)]) + key_id + nonce + sealed

    def open(self, sealed: bytes, place: SecretPlace) -> bytes:
        """The secret. Raises SecretUnreadable when its key is not on the ring or the place is not its own."""
        key_id = sealed[1 : 1 + sealed[0]].decode(errors="replace")
        rest = sealed[1 + sealed[0] :]
        if key_id not in self._ring:
            raise SecretUnreadable(f"the key {key_id!r} is not on the ring")
        try:
            return self._ring[key_id].decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], place.associated_data)
        except InvalidTag as damaged:
            raise SecretUnreadable(f"not sealed for {place.table}.{place.column} of this row") from damaged

    def seal_text(self, secret: str, place: SecretPlace) -> bytes:
        return self.seal(secret.encode(), place)

    def open_text(self, sealed: bytes, place: SecretPlace) -> str:
        return self.open(sealed, place).decode()


def parse_key_ring(text: str) -> dict[str, bytes]:
    """``id:base64,id2:base64`` -> keys by id, first one seals. Raises ValueError naming what is wrong, never a key."""
    keys: dict[str, bytes] = {}
    for number, part in enumerate(filter(None, (piece.strip() for piece in text.split(","))), start=1):
        key_id, _, encoded = part.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            raise ValueError(f"key {number} is not base64") from None
        if not key_id or len(key_id) > 32 or len(key) != 32:
            raise ValueError(f"key {number} must read id:base64 with 32 bytes behind the colon")
        if key_id in keys:
            raise ValueError(f"the key id {key_id!r} stands twice")
        keys[key_id] = key
    if not keys:
        raise ValueError("it holds no key")
    return keys
