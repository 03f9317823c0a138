"""The digest: adding commutes, taking undoes, the root says everything."""

from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.canonical import digest16
from daemon.domain.digest import BUCKETS, WIDTH, Buckets, number_of

hashes = st.lists(st.tuples(st.integers(0, BUCKETS - 1), st.binary(min_size=16, max_size=16)), max_size=8)


@given(hashes, st.randoms(use_true_random=False))
def test_the_order_of_additions_does_not_matter(added: list[tuple[int, bytes]], chance: object) -> None:
    one, other = Buckets(), Buckets()
    for bucket, element in added:
        one.change(bucket, add=number_of(element))
    for bucket, element in sorted(added):
        other.change(bucket, add=number_of(element))
    assert one.raw == other.raw


@given(hashes)
def test_what_is_taken_again_leaves_no_trace(added: list[tuple[int, bytes]]) -> None:
    buckets = Buckets()
    for bucket, element in added:
        buckets.change(bucket, add=number_of(element))
    for bucket, element in added:
        buckets.change(bucket, take=number_of(element))
    assert buckets.raw == Buckets().raw


def test_the_root_of_nothing_is_the_hash_of_empty_buckets() -> None:
    assert Buckets().root() == digest16(bytes(BUCKETS * WIDTH))


def test_a_root_that_was_asked_for_follows_every_later_change() -> None:
    changed, put = Buckets(), Buckets()
    assert changed.root() == put.root() == changed.root()
    changed.change(7, add=5)
    put.put(7, (5).to_bytes(16, "little"))
    assert changed.root() == put.root() == digest16(changed.raw) != Buckets().root()
    changed.change(7, take=5)
    assert changed.root() == Buckets().root()


def test_sums_wrap_around_at_128_bits() -> None:
    buckets = Buckets()
    buckets.change(7, add=2**128 - 1)
    buckets.change(7, add=2)
    assert buckets.get(7) == (1).to_bytes(16, "little")


def test_one_bucket_is_read_and_set_as_it_is_stored() -> None:
    buckets = Buckets()
    buckets.put(65_535, bytes(range(16)))
    assert buckets.get(65_535) == bytes(range(16))
    assert buckets.get(65_534) == bytes(16)
    assert buckets.raw[-16:] == bytes(range(16))
