"""Which images go along with a document, and which never do."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from devstral_lsp.refactor import images
from devstral_lsp.refactor.images import collect_images
from devstral_lsp.text import Snapshot, Span, Text

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8
JPEG = b"\xff\xd8\xff\xe0"
WEBP = b"RIFF\0\0\0\0WEBPVP8 "
GIF = b"GIF89a\x01\0\x01\0"


def uri(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def near(root: Path, text: str, language: str = "markdown", start: int = 0) -> tuple[str, ...]:
    file = root / "docs" / "a.md"
    file.parent.mkdir(exist_ok=True)
    snapshot = Snapshot(file.as_uri(), 1, language, Text.of(text))
    return collect_images(snapshot, Span(start, start), file, root)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("![a](b%20c.png)", "markdown"),
        ("![a](<b c.png> 'title')", "markdown"),
        ("![a](./b%20c.png?raw=1#x)", "markdown"),
        ("![a](/docs/b%20c.png)", "markdown"),
        ("![a][plan]\n\n[Plan]: <b c.png>", "markdown"),
        ("![plan]\n\n[plan]: b%20c.png", "markdown"),
        ('<p><IMG alt="x" src="b%20c.png"></p>', "html"),
        ("<img src='../docs/b c.png'/>", "markdown"),
    ],
)
def test_an_image_is_found(tmp_path: Path, text: str, language: str) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "b c.png").write_bytes(PNG)
    assert near(tmp_path, text, language) == (uri("png", PNG),)
    assert near(tmp_path, text, "python") == ()


def test_the_kinds_that_mistral_takes_by_their_first_bytes(tmp_path: Path) -> None:
    files = {"a": JPEG, "b": WEBP, "c": GIF, "d": GIF + b"NETSCAPE2.0", "e": b"<svg>", "f": PNG}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    text = "".join(f"![]({name}) " for name in ("/a", "/b", "/c", "/d", "/e", "/f", "/a"))
    expected = (uri("jpeg", JPEG), uri("webp", WEBP), uri("gif", GIF), uri("png", PNG))
    assert near(tmp_path, text) == expected


def test_only_what_is_near_and_no_more_than_eight(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number}.png").write_bytes(PNG + bytes([number]))
    text = "".join(f"![](/{number}.png)\n" for number in range(12))
    assert len(near(tmp_path, text)) == images.MAX_IMAGES
    far = text + "\n" * 100
    assert near(tmp_path, far, start=len(far)) == ()


@pytest.mark.parametrize(
    "target",
    [
        "https://example.org/a.png",
        "//example.org/a.png",
        "file:///etc/a.png",
        "data:image/png;base64,AAAA",
        "../../outside.png",
        "/link.png",
        "/ignored.png",
        "/.aws/a.png",
        "/missing.png",
        "%00",
        "/docs",
    ],
)
def test_nothing_else_is_read(tmp_path: Path, target: str) -> None:
    root = tmp_path / "root"
    (root / ".aws").mkdir(parents=True)
    for path in (tmp_path / "outside.png", root / "ignored.png", root / ".aws" / "a.png"):
        path.write_bytes(PNG)
    (root / "link.png").symlink_to(tmp_path / "outside.png")
    (root / ".gitignore").write_text("ignored.png\n")
    assert near(root, f"![a]({target})") == ()


def test_large_images_stay_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_IMAGE_BYTES", 100)
    monkeypatch.setattr(images, "MAX_BYTES", 150)
    for name, size in (("a", 101), ("b", 90), ("c", 70), ("d", 50)):
        (tmp_path / f"{name}.png").write_bytes(PNG.ljust(size, name.encode()))
    text = "![](/a.png) ![](/b.png) ![](/c.png) ![](/d.png)"
    expected = (uri("png", PNG.ljust(90, b"b")), uri("png", PNG.ljust(50, b"d")))
    assert near(tmp_path, text) == expected
