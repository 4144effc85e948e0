"""The structure of a tagged PDF of this project, as a screen reader follows it."""

import re
import zlib
from collections.abc import Iterator

_STREAM = re.compile(rb"(\d+) 0 obj\n(<<.*?>>)\nstream\n(.*?)\nendstream", re.DOTALL)
_PART = re.compile(rb"<<[^>]*/Pg (\d+) 0 R[^>]*/MCID (\d+)[^>]*>>|(\d+) 0 R|(\d+)")
_MARKED = re.compile(rb"/(\w+) <</MCID (\d+)>> BDC\n(.*?)\nEMC", re.DOTALL)
_ARTIFACT = re.compile(rb"/Artifact BMC\n.*?\nEMC", re.DOTALL)


def pdf_objects(content: bytes) -> dict[int, bytes]:
    """Return the objects of a PDF by number, with streams as they are before compression."""
    objects = {}
    for number, head, stream in _STREAM.findall(content):
        raw = zlib.decompress(stream)
        if b"/Type /ObjStm" not in head:
            objects[int(number)] = raw
            continue
        start = int(re.findall(rb"/First (\d+)", head)[0])
        numbers = list(map(int, raw[:start].split()))
        offsets = [start + offset for offset in numbers[1::2]]
        for name, begin, end in zip(numbers[::2], offsets, [*offsets[1:], None], strict=True):
            objects[name] = raw[begin:end].strip()
    return objects


def tags(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield each element's role and own text, in reading order."""
    objects = pdf_objects(content)
    (root,) = [text for text in objects.values() if text.startswith(b"<</Type /StructTreeRoot")]
    yield from _tags(objects, int(re.findall(rb"/K (\d+) 0 R", root)[0]))


def unmarked(content: bytes) -> str:
    """Return what is drawn on pages and is neither an element's content nor an artifact."""
    pages = [text for text in pdf_objects(content).values() if b"Tj ET" in text]
    return (
        b"".join(_ARTIFACT.sub(b"", _MARKED.sub(b"", page)) for page in pages)
        .decode("cp1252")
        .strip()
    )


def _tags(objects: dict[int, bytes], number: int) -> Iterator[tuple[str, str]]:
    head, _, parts = objects[number].rpartition(b"/K ")
    if not head:
        head, parts = parts, b""
    role = re.findall(rb"/S /(\w+)", head)[0].decode()
    page = re.findall(rb"/Pg (\d+) 0 R", head)
    texts, inner = [], []
    for other_page, marked, element, own in _PART.findall(parts):
        if element:
            inner.append(int(element))
        else:
            texts.append(_text(objects, int(other_page or page[0]), role, int(marked or own)))
    yield role, "\n".join(texts)
    for element in inner:
        yield from _tags(objects, element)


def _text(objects: dict[int, bytes], page: int, role: str, number: int) -> str:
    """Return the text of a marked content of a page; its operator must name the role."""
    stream = objects[int(re.findall(rb"/Contents (\d+) 0 R", objects[page])[0])]
    contents = {int(n): (name.decode(), block) for name, n, block in _MARKED.findall(stream)}
    name, block = contents[number]
    assert name == role
    return "\n".join(text.decode("cp1252") for text in re.findall(rb"\((.*?)\) Tj", block))
