"""One flipped bit of a stored row is found and put right from its hash; more is not guessed at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.element import Element, Key, hash_of
from daemon.domain.kinds import Kind
from daemon.domain.mending import mended, read_sound

ROW = Element(Kind.TAG, b"anne....", b"dotdotdo", (5, 2, 7), {1: "vip"}, {1: (9, 3, 7)})
BODY = ROW.body()
HASH = hash_of(BODY)


def flipped(raw: bytes, *bits: int) -> bytes:
    number = int.from_bytes(raw)
    for bit in bits:
        number ^= 1 << bit
    return number.to_bytes(len(raw))


def test_a_sound_row_is_read_as_it_is() -> None:
    assert read_sound(ROW.key, BODY, HASH) == ROW
    assert mended(BODY, HASH) == ROW


@pytest.mark.parametrize("bit", range(len(BODY) * 8))
def test_every_bit_of_a_body_is_mended(bit: int) -> None:
    damaged = flipped(BODY, bit)
    assert read_sound(ROW.key, damaged, HASH) is None
    assert mended(damaged, HASH) == ROW


@pytest.mark.parametrize("bit", range(128))
def test_every_bit_of_a_hash_is_mended(bit: int) -> None:
    damaged = flipped(HASH, bit)
    assert read_sound(ROW.key, BODY, damaged) is None
    assert mended(BODY, damaged) == ROW


@pytest.mark.parametrize("bit", range(64))
def test_every_bit_of_a_key_is_mended_because_the_body_names_it(bit: int) -> None:
    entity, kind, dot = ROW.key
    keys: tuple[Key, ...] = ((flipped(entity, bit), kind, dot), (entity, kind, flipped(dot, bit)))
    for damaged in keys:
        assert read_sound(damaged, BODY, HASH) is None
    found = mended(BODY, HASH)
    assert found is not None
    assert found.key == ROW.key


@given(st.lists(st.integers(0, (len(BODY) + len(HASH)) * 8 - 1), min_size=2, max_size=2, unique=True))
def test_two_flipped_bits_are_never_guessed_wrong(bits: list[int]) -> None:
    both = flipped(BODY + HASH, *bits)
    assert mended(both[: len(BODY)], both[len(BODY) :]) in (None, ROW)


@pytest.mark.parametrize(("body", "digest"), [("text", HASH), (None, HASH), (BODY, "text"), (BODY, None), (BODY, b"")])
def test_what_is_not_even_bytes_is_not_mended(body: bytes, digest: bytes) -> None:
    assert mended(body, digest) is None
    assert read_sound(ROW.key, body, digest) is None
