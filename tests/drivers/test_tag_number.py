import pytest

from daemon.drivers.tag_number import BYTES_NEEDED, Rendering, rendered

TAG = bytes.fromhex("010063E9AE")


@pytest.mark.parametrize(
    ("rendering", "text"), [("tag", "010063E9AE"), ("label", "0006547886"), ("facility", "099,59822")]
)
def test_one_tag_has_three_printed_numbers(rendering: Rendering, text: str) -> None:
    assert rendered(TAG, rendering) == text
    assert rendered(TAG[-BYTES_NEEDED[rendering] :], rendering) == text


def test_a_rendering_is_never_made_of_too_few_bytes() -> None:
    with pytest.raises(AssertionError):
        rendered(TAG[-3:], "label")
