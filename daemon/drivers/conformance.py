"""What every driver of a reader that sends bytes must do, whoever wrote it: checks, and a line that plays scripts.

A capture (TOML) says what the device sends and what must come of it; `pytest acme.reader.toml` runs every check on it
(docs/drivers.md). Time is virtual: a check lasts as long as its arithmetic.
"""

import tomllib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from daemon.clock import Clock
from daemon.drivers.catalogue import driver
from daemon.drivers.device import AnyReader, Candidate, CardRead, ReaderEvent, ReadRefused, ReadRepeated
from daemon.errors import DeviceAbsent
from daemon.typed import convert

SILENT_READS_MAX: Final = 1000
"""A driver that has not asked its device by then never will."""

_PATIENCE_MS: Final = 50


class Asked:
    """In a script: wait until the device is asked for the next card."""


ASKED: Final = Asked()
ScriptStep: TypeAlias = bytes | int | Asked
"""Bytes from the device, a pause in milliseconds, or a wait for the driver's question."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """A frame with its terminator, and the text read from it; None: it must be refused, for `refused` where it says."""

    name: str
    data: bytes = field(repr=False)
    text: str | None = None
    refused: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """What the device answers, always, to a command that ends so."""

    command: bytes
    answer: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """What is known of a device: its driver and configuration, what it sends, how it may disturb."""

    kind: str
    config: Mapping[str, Any]
    samples: tuple[Sample, ...]
    exchanges: tuple[Exchange, ...] = ()
    poll: bytes = b""
    """The command with which a driver asks for the next card; empty for a device that speaks by itself."""
    garbage: bytes = b"\x00\xff\x11"
    """What may stand on the line before a frame."""
    silence_ms: int = 1000
    """Longer than any pause inside a frame, and than the time in which a repetition counts as one."""
    pace_ms: int = 33
    """The slowest pause between two bytes of one frame: 300 baud."""
    tail: int = 1
    """Bytes at the end of each frame without which it may be whole already."""

    @property
    def good(self) -> list[Sample]:
        """What is read."""
        return [sample for sample in self.samples if sample.text is not None]

    @property
    def bad(self) -> list[Sample]:
        """What is refused."""
        return [sample for sample in self.samples if sample.text is None]

    def cuts(self, sample: Sample) -> range:
        """The places at which a frame can be cut so that it is not whole."""
        return range(1, len(sample.data) - self.tail)

    def two_good(self) -> tuple[Sample, Sample]:
        """Two frames with different texts."""
        first = self.good[0]
        return first, next(sample for sample in self.good if sample.text != first.text)

    def frame(self, *parts: bytes) -> list[ScriptStep]:
        """A script in which the device sends one frame in these parts, after a question where it waits for one."""
        return [*([ASKED] if self.poll else []), *parts]


class VirtualClock:
    """A clock that moves only when somebody waits, and then at once. Implements `daemon.clock.Clock`."""

    def __init__(self) -> None:
        self._now_s = 0.0

    def now_ms(self) -> int:
        """Wall clock, in 2023."""
        return 1_700_000_000_000 + int(self._now_s * 1000)

    def monotonic_s(self) -> float:
        """Seconds since it was made."""
        return self._now_s

    async def sleep(self, seconds: float) -> None:
        """Move on."""
        self._now_s += seconds

    def jump(self, milliseconds: float) -> None:
        """Move on without anybody waiting."""
        self._now_s += milliseconds / 1000


class ScriptedDevice:
    """The far end of a line, a `ByteTransport`: plays a script, answers what its capture says, is unplugged at the end.

    `read` raises TimeoutError at once where a real line would stay silent: as if the caller's own time-out had run out.
    """

    def __init__(self, capture: Capture, script: Iterable[ScriptStep], clock: VirtualClock) -> None:
        self._capture = capture
        self._script = list(script)
        self._clock = clock
        self._answers: list[bytes] = []
        self._was_asked = False
        self._silent_reads = 0

    async def read(self) -> bytes:
        """What comes next; raises DeviceAbsent at the end of the script."""
        if self._answers:
            return self._answers.pop(0)
        while self._script:
            step = self._script[0]
            if isinstance(step, Asked) and not self._was_asked:
                return self._silence()
            self._script.pop(0)
            if isinstance(step, bytes):
                return step
            if isinstance(step, int):
                self._clock.jump(step)
            else:
                self._was_asked = False
        raise DeviceAbsent("the scripted device was unplugged")

    async def write(self, data: bytes) -> None:
        """Take a command."""
        if self._capture.poll and data.endswith(self._capture.poll):
            self._was_asked = True
        self._answers += [one.answer for one in self._capture.exchanges if data.endswith(one.command)]

    def _silence(self) -> bytes:
        self._silent_reads += 1
        assert self._silent_reads < SILENT_READS_MAX, "the driver does not ask its device for a card"
        self._clock.jump(_PATIENCE_MS)
        raise TimeoutError


class Bench:
    """A driver on a scripted device."""

    def __init__(self, capture: Capture) -> None:
        self.capture = capture
        self.clock = VirtualClock()

    def reader(self, clock: Clock | None = None) -> AnyReader:
        """A fresh reader of the capture's configuration."""
        module = driver(self.capture.kind)
        return module.build(convert(dict(self.capture.config), module.Config), clock or self.clock)

    async def session(self, script: Iterable[ScriptStep], *, reader: AnyReader | None = None) -> list[ReaderEvent]:
        """What one session emits until the script ends with an unplug."""
        events: list[ReaderEvent] = []
        quiet: list[ScriptStep] = [] if self.capture.poll else [self.capture.silence_ms]
        device = ScriptedDevice(self.capture, [*quiet, *script], self.clock)
        with suppress(DeviceAbsent):
            await (reader or self.reader()).run(device, events.append)
        self.clock.jump(self.capture.silence_ms)
        return events

    async def texts(self, script: Iterable[ScriptStep]) -> list[str | None]:
        """The texts that were read in a session; None for a refusal."""
        return texts_of(await self.session(script))


def read_capture(path: Path) -> Capture:
    """The capture in a file; raises OperatorMistake or ValueError for one that says too little."""
    table = tomllib.loads(path.read_text("utf-8"))
    said: dict[str, Any] = {key: table[key] for key in ("silence_ms", "pace_ms", "tail") if key in table}
    said |= {key: bytes.fromhex(table[key]) for key in ("poll", "garbage") if key in table}
    found = Capture(
        kind=table["kind"],
        config=table["config"],
        samples=tuple(map(_sample, table["frame"])),
        exchanges=tuple(
            Exchange(command=bytes.fromhex(one["command"]), answer=bytes.fromhex(one["answer"]))
            for one in table.get("exchange", ())
        ),
        **said,
    )
    if len({sample.text for sample in found.good}) < 2 or not found.bad:
        raise ValueError("it needs two frames that are read, with different texts, and one that is refused")
    return found


def _sample(table: Mapping[str, str]) -> Sample:
    return Sample(
        name=table["name"],
        data=bytes.fromhex(table["bytes"]),
        text=table.get("text"),
        refused=table.get("refused"),
    )


def texts_of(events: Iterable[ReaderEvent]) -> list[str | None]:
    """The texts that were read; None for a refusal."""
    return [
        event.code.text if isinstance(event, CardRead) else None
        for event in events
        if isinstance(event, CardRead | ReadRefused)
    ]


Check: TypeAlias = Callable[[Bench], Awaitable[None]]
"""Raises AssertionError where the driver does not do what its name says."""


async def every_frame_is_read_or_refused_as_its_capture_says(bench: Bench) -> None:
    """The first of all."""
    for sample in bench.capture.samples:
        events = await bench.session(bench.capture.frame(sample.data))
        assert texts_of(events) == [sample.text], sample.name
        if sample.refused is not None:
            assert isinstance(events[0], ReadRefused), sample.name
            assert events[0].reason == sample.refused, (sample.name, events[0].reason)


async def a_frame_split_at_every_byte_is_the_same_frame(bench: Bench) -> None:
    """USB adapters and kernels cut where they like."""
    for sample in bench.capture.samples:
        for place in range(1, len(sample.data)):
            parts = (sample.data[:place], sample.data[place:])
            assert await bench.texts(bench.capture.frame(*parts)) == [sample.text], (sample.name, place)


async def a_frame_in_single_bytes_at_the_slowest_pace_is_the_same_frame(bench: Bench) -> None:
    """A line at 300 baud."""
    for sample in bench.capture.good:
        script = bench.capture.frame()
        for byte in sample.data:
            script += [bytes([byte]), bench.capture.pace_ms]
        assert await bench.texts(script) == [sample.text], sample.name


async def garbage_before_a_frame_is_no_part_of_it(bench: Bench) -> None:
    """What a line shows when it is plugged in."""
    garbage = bench.capture.garbage
    for sample in bench.capture.good:
        assert await bench.texts(bench.capture.frame(garbage + sample.data)) == [sample.text], sample.name
        assert await bench.texts(bench.capture.frame(garbage, sample.data)) == [sample.text], sample.name


async def two_frames_at_once_are_two_readings(bench: Bench) -> None:
    """In one read of a device that speaks by itself; in two answers of one that is asked."""
    first, second = bench.capture.two_good()
    if bench.capture.poll:
        script = bench.capture.frame(first.data) + bench.capture.frame(second.data)
    else:
        script = [first.data + second.data]
    assert await bench.texts(script) == [first.text, second.text]


async def a_bad_frame_does_not_spoil_the_next(bench: Bench) -> None:
    """One unreadable card, then a good one."""
    last = bench.capture.good[0]
    for sample in bench.capture.bad:
        script = bench.capture.frame(sample.data) + bench.capture.frame(last.data)
        assert (await bench.texts(script))[-1] == last.text, sample.name


async def the_same_frame_twice_at_once_is_one_reading(bench: Bench) -> None:
    """Debounce: a tag that lies there, a trigger that is held."""
    first = bench.capture.good[0]
    script = [*bench.capture.frame(first.data), 50, *bench.capture.frame(first.data)]
    events = await bench.session(script)
    assert [event.code.text for event in events if isinstance(event, CardRead)] == [first.text]
    assert any(isinstance(event, ReadRepeated) for event in events), "a repetition is told, to be counted"


async def the_same_frame_later_is_a_second_reading(bench: Bench) -> None:
    """The same card, shown again."""
    first = bench.capture.good[0]
    script = [*bench.capture.frame(first.data), bench.capture.silence_ms, *bench.capture.frame(first.data)]
    assert await bench.texts(script) == [first.text, first.text]


async def a_frame_cut_by_silence_is_not_glued_to_the_next(bench: Bench) -> None:
    """A cable that was loose for a second."""
    first, second = bench.capture.two_good()
    for place in bench.capture.cuts(first):
        cut: list[ScriptStep] = [*bench.capture.frame(first.data[:place]), bench.capture.silence_ms]
        read = await bench.texts(cut + bench.capture.frame(second.data))
        assert read in ([None, second.text], [second.text]), place


async def a_frame_cut_by_an_unplug_is_never_read(bench: Bench) -> None:
    """No phantom: half a number is another customer's number."""
    first = bench.capture.good[0]
    for place in bench.capture.cuts(first):
        assert await bench.texts(bench.capture.frame(first.data[:place])) in ([None], []), place


async def after_a_replug_nothing_is_left_of_the_session_before(bench: Bench) -> None:
    """The same reader object serves every session."""
    first, second = bench.capture.two_good()
    reader = bench.reader()
    await bench.session(bench.capture.frame(first.data[: len(first.data) // 2]), reader=reader)
    events = await bench.session(bench.capture.frame(second.data), reader=reader)
    assert texts_of(events) == [second.text]


async def a_frame_that_was_being_sent_when_the_line_was_opened_is_not_read(bench: Bench) -> None:
    """A till that starts while somebody scans: the rest of a number is another customer's number."""
    if bench.capture.poll:
        return  # it speaks when it is asked
    first, second = bench.capture.two_good()
    for place in bench.capture.cuts(first):
        device = ScriptedDevice(bench.capture, [first.data[place:]], bench.clock)
        events: list[ReaderEvent] = []
        with suppress(DeviceAbsent):
            await bench.reader().run(device, events.append)
        assert texts_of(events) in ([None], []), place
        bench.clock.jump(bench.capture.silence_ms)
    script: list[ScriptStep] = [first.data[-2:], bench.capture.silence_ms, second.data]
    assert (await bench.texts(script))[-1] == second.text


async def an_unplug_is_told_to_who_runs_the_session(bench: Bench) -> None:
    """`run` ends with DeviceAbsent, whatever it was doing."""
    told = False
    try:
        await bench.reader().run(ScriptedDevice(bench.capture, [], bench.clock), lambda _event: None)
    except DeviceAbsent:
        told = True
    assert told, "run must let DeviceAbsent pass"


async def matching_is_a_question_to_a_description(bench: Bench) -> None:
    """A port that nobody configured is left alone."""
    nothing = Candidate(subsystem="tty", node="/dev/no-such-device")
    reader = bench.reader()
    assert reader.match(nothing) == reader.match(nothing) == 0


async def events_carry_the_name_of_the_device_and_print_no_code(bench: Bench) -> None:
    """A number that prints itself ends in a log."""
    for sample in bench.capture.good:
        for event in await bench.session(bench.capture.frame(sample.data)):
            assert event.device == bench.reader().device
            assert sample.text
            assert sample.text not in repr(event)


async def the_driver_says_where_it_was_tried(bench: Bench) -> None:
    """A rig, or a model."""
    assert driver(bench.capture.kind).TRIED_ON.strip()


CHECKS: Final[tuple[Check, ...]] = (
    every_frame_is_read_or_refused_as_its_capture_says,
    a_frame_split_at_every_byte_is_the_same_frame,
    a_frame_in_single_bytes_at_the_slowest_pace_is_the_same_frame,
    garbage_before_a_frame_is_no_part_of_it,
    two_frames_at_once_are_two_readings,
    a_bad_frame_does_not_spoil_the_next,
    the_same_frame_twice_at_once_is_one_reading,
    the_same_frame_later_is_a_second_reading,
    a_frame_cut_by_silence_is_not_glued_to_the_next,
    a_frame_cut_by_an_unplug_is_never_read,
    after_a_replug_nothing_is_left_of_the_session_before,
    a_frame_that_was_being_sent_when_the_line_was_opened_is_not_read,
    an_unplug_is_told_to_who_runs_the_session,
    matching_is_a_question_to_a_description,
    events_carry_the_name_of_the_device_and_print_no_code,
    the_driver_says_where_it_was_tried,
)
