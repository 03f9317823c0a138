"""What the pages load: its address changes with its bytes, its size stays within the budget of a till."""

from pathlib import Path

import pytest

from daemon.web.static_files import FOLDER, load_static
from tests.fakes.counter import Counter
from tests.fakes.page_reader import STATIC, open_pages

JS_BYTES_MAX = 20 * 1024
CSS_BYTES_MAX = 25 * 1024


@pytest.mark.parametrize("surface", ["till", "office"])
def test_a_surface_keeps_its_budget(surface: str) -> None:
    style = sum(len(STATIC.files[name]) for name in ("tokens.css", "ui.css", f"{surface}.css"))
    script = sum(len(body) for name, body in STATIC.files.items() if name.endswith(".js"))
    assert style <= CSS_BYTES_MAX
    assert script <= JS_BYTES_MAX


def test_what_others_made_is_served_as_it_came_with_its_licence() -> None:
    assert b"SIL OPEN FONT LICENSE" in STATIC.files["fonts/OFL.txt"]
    assert STATIC.files["fonts/till-next.woff2"] == (FOLDER / "fonts/till-next.woff2").read_bytes()


def test_our_own_style_and_script_lose_comments_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("/* a\n b */\n.a{\n  color:red; margin:0\n}\n", "utf-8")
    (tmp_path / "a.js").write_text("// why\n  let a = 1 // kept\n\n  let b = 'x; y'\n", "utf-8")
    (tmp_path / "a.html").write_text("not served", "utf-8")
    files = load_static(tmp_path).files
    assert files == {"a.css": b".a{color:red;margin:0}", "a.js": b"let a = 1 // kept\nlet b = 'x; y'"}


def test_custom_properties_have_short_names_that_all_styles_share(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text(":root{--ink:#000000;--ink-soft:#333}.dark{--ink:#FFFFFF}", "utf-8")
    (tmp_path / "b.css").write_text(
        ".btn--ink{color:var(--ink);--edge:1px solid var(--ink);margin:var(--gap,0)}", "utf-8"
    )
    files = load_static(tmp_path).files
    assert files["a.css"] == b":root{--2:#000000}.dark{--2:#FFFFFF}"
    assert files["b.css"] == b".btn--ink{color:var(--2);--0:1px solid var(--2);margin:var(--1,0)}"


def test_a_short_value_that_never_changes_is_written_out(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text(
        ":root{--gap:.5rem;--wide:max(3rem,48px)}.a{gap:var(--gap);width:var(--wide)}", "utf-8"
    )
    assert load_static(tmp_path).files["a.css"] == b":root{--0:max(3rem,48px)}.a{gap:.5rem;width:var(--0)}"


def test_another_byte_is_another_address(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text(".a{}", "utf-8")
    before = load_static(tmp_path).address("a.css")
    (tmp_path / "a.css").write_text(".b{}", "utf-8")
    assert load_static(tmp_path).address("a.css") != before


def test_an_address_that_no_file_has_is_a_mistake_of_ours() -> None:
    with pytest.raises(AssertionError):
        STATIC.address("gone.css")


async def test_files_are_kept_for_ever_and_nothing_else_of_this_machine_is_served(counter: Counter) -> None:
    async with open_pages(counter) as reader:
        async with reader.session.get(reader.served.url + STATIC.address("till.css")) as response:
            assert (response.status, response.content_type) == (200, "text/css")
            assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        for path in (
            "/static/000000000000/till.css",
            f"{STATIC.root}/gone.css",
            f"{STATIC.root}/%2e%2e/static_files.py",
        ):
            async with reader.session.get(reader.served.url + path) as response:
                assert (response.status, response.headers["Cache-Control"]) == (404, "no-store")
