"""What every driver of a reader that sends bytes must do, whoever wrote it.

A driver's test module derives a class from `ReaderContract`, says how to build the reader and what its device sends,
and inherits the tests. Third parties copy this file, the fakes that it imports, and do the same.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from daemon.drivers.device import Candidate, CardRead, Reader, ReaderEvent, ReadRefused
from daemon.errors import DeviceAbsent
from tests.fakes.scripted_line import ScriptedLine
from tests.fakes.stepped_clock import SteppedClock


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """A frame with its terminator, and the text read from it; None: it must be refused."""

    data: bytes
    text: str | None


class ReaderContract:
    """Derive, and give the five facts below."""

    good: Sequence[Sample]
    """At least two that are read, with different texts."""
    bad: Sequence[Sample]
    """Damaged ones."""
    garbage: bytes = b"\x00\xff\x11"
    """What may stand on the line before a frame."""
    silence_ms: int = 1000
    """Longer than any pause inside a frame, longer than the debounce window."""
    pace_ms: int = 33
    """The slowest pause between two bytes of one frame: 300 baud."""

    def reader(self, clock: SteppedClock) -> Reader:
        raise NotImplementedError

    def two_good(self) -> tuple[Sample, Sample]:
        """Two frames with different texts."""
        first = self.good[0]
        return first, next(sample for sample in self.good if sample.text != first.text)

    async def session(self, script: Iterable[bytes | int], clock: SteppedClock | None = None) -> list[ReaderEvent]:
        """What one session emits until the script ends with an unplug."""
        time = clock or SteppedClock()
        events: list[ReaderEvent] = []
        with suppress(DeviceAbsent):
            await self.reader(time).run(ScriptedLine(script, time), events.append)
        return events

    async def test_every_frame_is_read_or_refused_as_it_says(self) -> None:
        for sample in [*self.good, *self.bad]:
            assert texts(await self.session([sample.data])) == [sample.text], sample

    async def test_a_frame_split_at_every_byte_is_the_same_frame(self) -> None:
        for sample in [*self.good, *self.bad]:
            for place in range(1, len(sample.data)):
                parts = [sample.data[:place], sample.data[place:]]
                assert texts(await self.session(parts)) == [sample.text], (sample, place)

    async def test_a_frame_in_single_bytes_at_the_slowest_pace_is_the_same_frame(self) -> None:
        for sample in self.good:
            script: list[bytes | int] = []
            for byte in sample.data:
                script += [bytes([byte]), self.pace_ms]
            assert texts(await self.session(script)) == [sample.text], sample

    async def test_garbage_before_a_frame_is_no_part_of_it(self) -> None:
        for sample in self.good:
            assert texts(await self.session([self.garbage + sample.data])) == [sample.text], sample
            assert texts(await self.session([self.garbage, sample.data])) == [sample.text], sample

    async def test_two_frames_in_one_read_are_two_readings(self) -> None:
        first, second = self.two_good()
        assert texts(await self.session([first.data + second.data])) == [first.text, second.text]

    async def test_a_bad_frame_does_not_spoil_the_next(self) -> None:
        for sample in self.bad:
            assert texts(await self.session([sample.data, self.good[0].data]))[-1] == self.good[0].text

    async def test_the_same_frame_twice_at_once_is_one_reading(self) -> None:
        first = self.good[0]
        events = await self.session([first.data, 100, first.data])
        assert [event.code.text for event in events if isinstance(event, CardRead)] == [first.text]

    async def test_the_same_frame_later_is_a_second_reading(self) -> None:
        first = self.good[0]
        assert texts(await self.session([first.data, self.silence_ms, first.data])) == [first.text, first.text]

    async def test_a_frame_cut_by_silence_is_refused_and_not_glued_to_the_next(self) -> None:
        first, second = self.two_good()
        for place in range(1, len(first.data) - 1):
            script: list[bytes | int] = [first.data[:place], self.silence_ms, second.data]
            events = texts(await self.session(script))
            assert events in ([None, second.text], [second.text]), place

    async def test_a_frame_cut_by_an_unplug_is_not_read(self) -> None:
        first = self.good[0]
        for place in range(1, len(first.data) - 1):
            assert texts(await self.session([first.data[:place]])) in ([None], []), place

    async def test_after_a_replug_nothing_is_left_of_the_session_before(self) -> None:
        first, second = self.two_good()
        clock = SteppedClock()
        reader = self.reader(clock)
        events: list[ReaderEvent] = []
        for script in ([first.data[:-2]], [second.data]):
            with suppress(DeviceAbsent):
                await reader.run(ScriptedLine(script, clock), events.append)
        assert texts(events)[-1] == second.text
        assert first.text not in texts(events)

    async def test_an_unplug_is_told_to_who_runs_the_session(self) -> None:
        clock = SteppedClock()
        told = False
        try:
            await self.reader(clock).run(ScriptedLine([], clock), lambda _event: None)
        except DeviceAbsent:
            told = True
        assert told

    def test_matching_is_a_question_to_a_description(self) -> None:
        nothing = Candidate(subsystem="tty", node="/dev/no-such-device")
        reader = self.reader(SteppedClock())
        assert reader.match(nothing) == 0
        assert reader.match(nothing) == reader.match(nothing)

    async def test_events_carry_the_name_of_the_device_and_print_no_code(self) -> None:
        for sample in self.good:
            for event in await self.session([sample.data]):
                assert event.device == self.reader(SteppedClock()).device
                assert sample.text
                assert sample.text not in repr(event)


def texts(events: Iterable[ReaderEvent]) -> list[str | None]:
    """The texts that were read; None for a refusal."""
    return [
        event.code.text if isinstance(event, CardRead) else None
        for event in events
        if isinstance(event, CardRead | ReadRefused)
    ]
