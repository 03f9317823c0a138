"""Packets are taken off a stream whole, and a PUBLISH is doubled in both ways. Bytes as MQTT 5 writes them."""

import pytest

from tests.blackbox import packets

# PUBLISH, QoS 1: topic "a/b", number 10, no properties, payload "hi".
PUBLISH = bytes.fromhex("32 0a 00 03 61 2f 62 00 0a 00 68 69")
PINGREQ = b"\xc0\x00"
LONG = b"\x32\xc8\x01" + bytes.fromhex("00 03 61 2f 62 00 0b 00") + bytes(192)


@pytest.mark.parametrize("cut", range(len(PINGREQ + PUBLISH + LONG)))
def test_packets_come_whole_wherever_the_stream_was_cut(cut: int) -> None:
    stream, buffer, found = PINGREQ + PUBLISH + LONG, bytearray(), []
    for part in (stream[:cut], stream[cut:]):
        buffer += part
        found += packets.take(buffer)
    assert found == [PINGREQ, PUBLISH, LONG]
    assert not buffer


def test_a_publish_is_sent_again_under_its_number_and_marked() -> None:
    assert packets.is_confirmed_publish(PUBLISH)
    assert packets.sent_again(PUBLISH) == b"\x3a" + PUBLISH[1:]


def test_a_second_copy_is_a_message_of_its_own() -> None:
    copy = packets.second_copy(PUBLISH)
    assert copy == bytes.fromhex("30 08 00 03 61 2f 62 00 68 69")
    assert not packets.is_confirmed_publish(copy)
    assert packets.second_copy(LONG) == b"\x30\xc6\x01" + LONG[3:8] + LONG[10:]


def test_what_is_lost_is_confirmed_as_a_receiver_would() -> None:
    assert packets.acknowledgement(PUBLISH) == b"\x40\x02\x00\x0a"
    assert not packets.is_confirmed_publish(PINGREQ)


def test_a_message_of_our_own_is_a_whole_packet() -> None:
    assert packets.publish("a/b", b"hi") == bytes.fromhex("30 08 00 03 61 2f 62 00 68 69")
    assert packets.take(bytearray(packets.publish("a/b", bytes(300)))) == [packets.publish("a/b", bytes(300))]


def test_a_till_is_made_to_take_fewer_messages_at_once() -> None:
    # CONNECT: MQTT 5, keep-alive 15; session expiry 33 s, receive maximum 256, packets of 131 072; client id "2".
    connect = "10 1d 00 04 4d 51 54 54 05 02 00 0f 0d 11 00 00 00 21 21 {} 27 00 02 00 00 00 01 32"
    assert packets.taking_at_once(bytes.fromhex(connect.format("01 00")), 2) == bytes.fromhex(connect.format("00 02"))
