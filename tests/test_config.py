import dataclasses
import re
import sys
import tomllib
import types
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.config import HubConfig, Link, Secret, Store, TillConfig, load_hub, load_till, read_store_key
from daemon.drivers.catalogue import READERS, driver
from daemon.drivers.serial_reader import SerialScannerConfig
from daemon.errors import OperatorMistake
from daemon.printer_config import ADDRESSES

EXAMPLES = Path(__file__).parent.parent / "systemd"
TILL = '[till]\nstate_directory = "/var/lib/comptoir-till"\n'
HUB = '[hub]\nstate_directory = "/var/lib/comptoir-hub"\npublic_host = "siege.example.com"\n'
READER = '[[reader]]\nname = "scanner"\nkind = "serial-scanner"\npath = "/dev/serial/by-id/x"\n'
PRINTER = '[[printer]]\nname = "badges"\naddress = "tcp://127.0.0.1:9100"\n'


@pytest.fixture
def till_file(tmp_path: Path) -> Path:
    return tmp_path / "till.toml"


def refusal(file: Path, text: str) -> str:
    file.write_text(text)
    with pytest.raises(OperatorMistake) as refused:
        load_till(file)
    assert refused.value.field == "" or refused.value.field in str(refused.value)
    return str(refused.value)


def with_every_key(example: Path) -> str:
    """The example with the keys that it only shows made real."""
    return re.sub(r"^#(?=[a-z_]+ = |\[\[)", "", example.read_text(), flags=re.MULTILINE)


def keys_of_class(shape: Any, path: str = "") -> set[str]:
    keys: set[str] = set()
    for name, hint in get_type_hints(shape).items():
        if name == "reader":
            fields = {part.name for kind in READERS for part in dataclasses.fields(driver(kind).Config)}
            keys |= {f"reader.{part}" for part in (fields | {"kind"}) - {"card_prefixes", "uniq"}}
        elif dataclasses.is_dataclass(hint):
            keys |= keys_of_class(hint, f"{path}{name}.")
        elif get_origin(hint) is tuple and dataclasses.is_dataclass(get_args(hint)[0]):
            keys |= keys_of_class(get_args(hint)[0], f"{path}{name}.")
        else:
            keys.add(f"{path}{name}")
    return keys


def keys_of_file(table: dict[str, Any], path: str = "") -> set[str]:
    keys: set[str] = set()
    for name, value in table.items():
        parts = value if isinstance(value, list) else [value]
        for part in parts:
            keys |= keys_of_file(part, f"{path}{name}.") if isinstance(part, dict) and part else {f"{path}{name}"}
    return keys


@pytest.mark.parametrize(("name", "shape"), [("till", TillConfig), ("hub", HubConfig)])
def test_the_example_shows_every_key_and_no_other(name: str, shape: Any) -> None:
    text = with_every_key(EXAMPLES / f"{name}.example.toml")
    assert keys_of_file(tomllib.loads(text)) == keys_of_class(shape)


@pytest.mark.parametrize("name", ["till", "hub"])
def test_every_key_of_the_example_has_a_comment_before_it(name: str) -> None:
    lines = (EXAMPLES / f"{name}.example.toml").read_text().splitlines()
    for before, line in pairwise(lines):
        if re.match(r"#?[a-z_]+ = ", line):
            assert before.startswith("#") or re.match(r"[a-z_]+ = ", before), line


def test_the_examples_are_valid_as_they_stand_and_with_every_key(tmp_path: Path) -> None:
    for read, name in ((load_till, "till"), (load_hub, "hub")):
        example = EXAMPLES / f"{name}.example.toml"
        read(example)
        whole = tmp_path / f"{name}.toml"
        whole.write_text(with_every_key(example))
        read(whole)


def test_a_till_needs_only_its_state_directory(till_file: Path) -> None:
    till_file.write_text(TILL)
    config = load_till(till_file)
    assert config.socket == Path("/var/lib/comptoir-till/comptoir.sock")
    assert (config.http.host, config.http.port) == ("127.0.0.1", 8080)
    assert config.link == Link()
    assert config.cards.prefixes == ("29",)
    assert config.till.language == "fr"


def test_a_socket_may_stand_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "hub.toml"
    file.write_text(HUB + '[http]\nsocket = "/run/x/c.sock"\nport = 0\n')
    config = load_hub(file)
    assert config.socket == Path("/run/x/c.sock")
    assert config.http.port == 0


def test_a_reader_becomes_the_settings_of_its_driver_with_the_chains_prefixes(till_file: Path) -> None:
    till_file.write_text(TILL + READER + '[cards]\nprefixes = ["2900", "27"]\n')
    (reader,) = load_till(till_file).reader
    assert (reader.kind, reader.name) == ("serial-scanner", "scanner")
    assert reader.settings == SerialScannerConfig(
        name="scanner", path="/dev/serial/by-id/x", card_prefixes=("2900", "27")
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "till: this key is required"),
        ("[till]\n", "till.state_directory: this key is required"),
        ("till = 3", "till: expected `object`, got `int`"),
        (TILL + "[http]\nport = '8080'\n", "http.port: expected `int`, got `str`"),
        (TILL + "[http]\nport = true\n", "http.port: expected `int`, got `bool`"),
        (TILL + "[http]\nport = 70000\n", "http.port: a port lies between 0 and 65535"),
        (TILL + "[http]\nprot = 80\n", "http.prot: there is no such key; did you mean port?"),
        (TILL + "[htp]\nport = 80\n", "htp: there is no such key; did you mean http?"),
        (TILL + "[zzz]\nport = 80\n", "zzz: there is no such key"),
        (TILL + "[http]\nhost = ' '\n", "http.host: a name is expected, not an empty text"),
        (TILL + "language = 'de'\n", "till.language: one of 'fr', 'en' is expected"),
        (TILL + "[store]\nencryption_key_file = 'key'\n", "store.encryption_key_file: a path starts with /"),
        (TILL + "[cards]\nprefixes = ['2x']\n", "cards.prefixes[0]: the first digits of cards are digits"),
        (TILL + "[cards]\nprefixes = [29]\n", "cards.prefixes[0]: expected `str`, got `int`"),
        (TILL + "[log]\nlevel = 'loud'\n", "log.level: one of 'debug', 'info', 'warning', 'error' is expected"),
        (TILL + PRINTER + "width = 60\n", "printer[0].width: one of 80, 58 is expected"),
        (TILL + PRINTER + "baud = 0\n", "printer[0].baud: a speed in baud is above 0"),
        (TILL + "printer = 3\n", "till.printer: there is no such key"),
        (TILL + "[[printer]]\nname = 'x'\n", "printer[0].address: this key is required"),
        (TILL + "[reader]\nname = 'x'\n", "reader: readers are written as [[reader]]"),
        (TILL + "[[reader]]\nname = 'x'\n", "reader[0].kind: this key is required"),
        (TILL + READER + "baud = 'fast'\n", "reader[0].baud: expected `int`, got `str`"),
        (TILL + READER + "baud = 0\n", "reader[0].baud: a speed in baud is above 0"),
        (TILL + READER + "suffxi = ''\n", "reader[0].suffxi: there is no such key; did you mean suffix?"),
        (TILL + READER + READER, "reader[1].name: another device has this name"),
        (TILL + READER + PRINTER.replace("badges", "scanner"), "printer[0].name: another device has this name"),
    ],
)
def test_every_complaint_names_its_key(till_file: Path, text: str, sentence: str) -> None:
    assert refusal(till_file, text) == f"till.toml: {sentence}"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class WandConfig:
    name: str
    length_cm: int


def test_a_third_partys_driver_brings_its_own_keys(till_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wand = types.ModuleType("wand")
    wand.__dict__.update(Config=WandConfig, CONTRACT=1, TRIED_ON="nothing", build=None)
    monkeypatch.setitem(sys.modules, "wand", wand)
    monkeypatch.setitem(READERS, "wand", "wand")
    till_file.write_text(TILL + '[[reader]]\nname = "w"\nkind = "wand"\nlength_cm = 30\n')
    (reader,) = load_till(till_file).reader
    assert reader.settings == WandConfig(name="w", length_cm=30)
    assert refusal(till_file, TILL + '[[reader]]\nname = "w"\nkind = "wand"\n') == (
        "till.toml: reader[0].length_cm: this key is required"
    )


def test_an_unknown_kind_of_reader_names_the_known_ones(till_file: Path) -> None:
    said = refusal(till_file, TILL + READER.replace("serial-scanner", "telepathy"))
    assert said.startswith("till.toml: reader[0].kind: no driver is called telepathy; there are ")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1:9100",
        "tcp://127.0.0.1",
        "tcp://:9100",
        "tcp://h:99999",
        "tcp://h:1/x",
        "serial://dev/ttyS0",
        "usb:///tmp/lp0",
        "",
    ],
)
def test_an_address_of_a_printer_says_how_it_is_reached(till_file: Path, address: str) -> None:
    said = refusal(till_file, TILL + PRINTER.replace("tcp://127.0.0.1:9100", address))
    assert said == f"till.toml: printer[0].address: {ADDRESSES}"


def test_a_file_that_is_absent_huge_or_no_toml_is_told(till_file: Path) -> None:
    with pytest.raises(OperatorMistake, match=r"till.toml: the file .* cannot be read: No such file"):
        load_till(till_file)
    assert "this is not TOML" in refusal(till_file, "[till")
    assert "(at line 2, column 7)" in refusal(till_file, "[till]\nstate ?")
    till_file.write_bytes(b"\xff\xfe")
    with pytest.raises(OperatorMistake, match="the file is not UTF-8"):
        load_till(till_file)
    till_file.write_bytes(b"#" * 300_000)
    with pytest.raises(OperatorMistake, match="at most 256 KiB"):
        load_till(till_file)


def test_deeply_nested_toml_is_refused_in_a_sentence(till_file: Path) -> None:
    assert refusal(till_file, "a = " + "[" * 20_000).startswith("till.toml: this is not TOML")


_VALUES = st.recursive(
    st.sampled_from(["''", "'fr'", "1", "-1", "1.5", "true", "1979-05-27", "'/x'"]),
    lambda inner: st.lists(inner, max_size=2).map(lambda parts: f"[{', '.join(parts)}]"),
    max_leaves=3,
)
_KEYS = st.sampled_from(
    [*sorted(keys_of_class(TillConfig) | keys_of_class(HubConfig)), "till", "reader", "http.x", "zzz"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(_KEYS, _VALUES, max_size=4))
def test_any_toml_is_a_configuration_or_refused(till_file: Path, wild: dict[str, str]) -> None:
    till_file.write_text("".join(f"{key} = {value}\n" for key, value in wild.items()))
    for read in (load_till, load_hub):
        said = complaint(read, till_file)
        assert said == "" or (said.startswith("till.toml: ") and "\n" not in said)


def complaint(read: Callable[[Path], object], file: Path) -> str:
    try:
        read(file)
    except OperatorMistake as refused:
        return str(refused)
    return ""


def key_file(tmp_path: Path, raw: bytes, mode: int = 0o600) -> Store:
    path = tmp_path / "store.key"
    path.write_bytes(raw)
    path.chmod(mode)
    return Store(encryption_key_file=str(path))


@pytest.mark.parametrize(
    "raw", [bytes(range(32)), bytes(range(32)).hex().encode(), bytes(range(32)).hex().encode() + b"\n"]
)
def test_a_store_key_is_raw_or_hexadecimal_and_masks_itself(tmp_path: Path, raw: bytes) -> None:
    secret = read_store_key(key_file(tmp_path, raw))
    assert secret is not None
    assert secret.reveal() == bytes(range(32))
    assert repr(secret) == str(secret) == f"{secret}" == "Secret(****)"


@pytest.mark.parametrize("raw", [b"", b"short", b"00" * 31, b"zz" * 32, b"\xff" * 40])
def test_a_wrong_store_key_is_refused_without_showing_it(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(OperatorMistake, match="holds neither 32 bytes nor 64 hexadecimal digits") as refused:
        read_store_key(key_file(tmp_path, raw))
    assert refused.value.field == "store.encryption_key_file"


def test_a_store_key_that_everybody_reads_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorMistake, match="chmod o-r"):
        read_store_key(key_file(tmp_path, bytes(32), mode=0o644))


def test_a_store_key_that_is_absent_is_told_and_none_is_no_mistake(tmp_path: Path) -> None:
    assert read_store_key(Store()) is None
    with pytest.raises(OperatorMistake, match="cannot be read"):
        read_store_key(Store(encryption_key_file=str(tmp_path / "none")))


def test_a_secret_is_not_pickled_into_view_by_formatting() -> None:
    assert "abc" not in f"{Secret(b'abc')!r} {[Secret(b'abc')]} {dataclasses.replace(Store())}"


@pytest.mark.parametrize(
    ("kind", "address", "schemes"),
    [
        ("pdf", "tcp://127.0.0.1:9100", "file://"),
        ("ipp", "file:///tmp/badges", "ipp://"),
        ("zpl", "ipp://localhost/printers/cards", "tcp:// or serial:// or usb://"),
    ],
)
def test_a_kind_of_printer_is_reached_by_its_own_addresses(
    till_file: Path, kind: str, address: str, schemes: str
) -> None:
    till_file.write_text(TILL + f'[[printer]]\nname = "a"\nkind = "{kind}"\naddress = "{address}"\n')
    with pytest.raises(OperatorMistake, match=f"printer.0..address: a device of kind {kind} is reached by {schemes}"):
        load_till(till_file)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("escpos", "usb:///dev/usb/lp0"),
        ("zpl", "tcp://127.0.0.1:9100"),
        ("ipp", "ipp://localhost:631/printers/cards"),
        ("pdf", "file:///var/lib/comptoir/badges"),
    ],
)
def test_every_kind_of_printer_can_be_configured(till_file: Path, kind: str, address: str) -> None:
    till_file.write_text(TILL + f'[[printer]]\nname = "a"\nkind = "{kind}"\naddress = "{address}"\n')
    assert load_till(till_file).printer[0].kind == kind
