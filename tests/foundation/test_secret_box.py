"""Secrets at rest: they open with any key of the ring, in their own place, and nowhere else."""

from base64 import b64encode
from uuid import UUID, uuid4

import pytest

from foundation.secret_box import SecretBox, SecretPlace, SecretUnreadable, parse_key_ring

OLD, NEW = b"o" * 32, b"n" * 32
ROW, OTHER_ROW = uuid4(), uuid4()
PLACE = SecretPlace("credential", "refresh_token", ROW)
SECRET = "RT1-9-H0-a-refresh-token"


def _encoded(key: bytes) -> str:
    return b64encode(key).decode()


def test_a_secret_opens_where_it_was_sealed() -> None:
    box = SecretBox({"k1": OLD})
    assert box.open_text(box.seal_text(SECRET, PLACE), PLACE) == SECRET


def test_the_sealed_bytes_show_nothing_and_never_repeat() -> None:
    box = SecretBox({"k1": OLD})
    first, second = box.seal_text(SECRET, PLACE), box.seal_text(SECRET, PLACE)
    assert SECRET.encode() not in first
    assert first != second


def test_old_rows_read_after_a_new_first_key() -> None:
    sealed_before = SecretBox({"k1": OLD}).seal_text(SECRET, PLACE)
    rotated = SecretBox({"k2": NEW, "k1": OLD})
    assert rotated.open_text(sealed_before, PLACE) == SECRET
    # New secrets are sealed with the new key: they open without the old one.
    assert SecretBox({"k2": NEW}).open_text(rotated.seal_text(SECRET, PLACE), PLACE) == SECRET


def test_a_retired_key_opens_nothing_more() -> None:
    sealed_before = SecretBox({"k1": OLD}).seal_text(SECRET, PLACE)
    with pytest.raises(SecretUnreadable, match="the key 'k1' is not on the ring"):
        SecretBox({"k2": NEW}).open_text(sealed_before, PLACE)


def test_another_key_under_the_same_id_opens_nothing() -> None:
    sealed = SecretBox({"k1": OLD}).seal_text(SECRET, PLACE)
    with pytest.raises(SecretUnreadable):
        SecretBox({"k1": NEW}).open_text(sealed, PLACE)


@pytest.mark.parametrize(
    ("table", "column", "row"),
    [
        ("credential", "refresh_token", OTHER_ROW),
        ("credential", "access_token", ROW),
        ("connection_attempt", "refresh_token", ROW),
    ],
    ids=["another row", "another column", "another table"],
)
def test_a_ciphertext_moved_elsewhere_is_refused(table: str, column: str, row: UUID) -> None:
    box = SecretBox({"k1": OLD})
    sealed = box.seal_text(SECRET, PLACE)
    with pytest.raises(SecretUnreadable, match=f"not sealed for {table}.{column} of this row"):
        box.open_text(sealed, SecretPlace(table, column, row))


@pytest.mark.parametrize("at", [0, 1, 5, -1], ids=["length", "key id", "nonce", "tag"])
def test_a_changed_byte_is_refused(at: int) -> None:
    box = SecretBox({"k1": OLD})
    sealed = bytearray(box.seal_text(SECRET, PLACE))
    sealed[at] ^= 1
    with pytest.raises(SecretUnreadable):
        box.open_text(bytes(sealed), PLACE)


def test_the_first_key_of_the_text_seals() -> None:
    ring = parse_key_ring(f"new:{_encoded(NEW)}, old:{_encoded(OLD)}")
    assert list(ring) == ["new", "old"]
    assert ring["old"] == OLD


def test_an_empty_ring_is_refused() -> None:
    with pytest.raises(ValueError, match="the key ring is empty"):
        SecretBox({})
