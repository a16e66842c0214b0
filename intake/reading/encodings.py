"""In which encoding a text file was saved, decided on the whole file before its first row is read."""

import codecs
import re
from dataclasses import dataclass
from typing import BinaryIO

from charset_normalizer import from_bytes

from intake.reading import faults

CHUNK = 1 << 20
SAMPLE = 1 << 18
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DOUBLE = re.compile(rb"[\x81-\xfe][\x30-\xfe]")
FEW_LETTERS = 24
LEGACY = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp932", "euc_jp", "koi8_r"]


@dataclass(frozen=True, slots=True)
class Text:
    """encoding: as Python names it; rows: lines, quoted ones included; valid: all of it is UTF-8."""

    encoding: str
    rows: int
    valid: bool


def look_at(file: BinaryIO) -> Text:
    """Reads the file once from its start, in chunks. Refuses NUL bytes, which only binary files have."""
    file.seek(0)
    head = file.read(CHUNK)
    marked = next((encoding for bom, encoding in BOMS if head.startswith(bom)), "")
    encoding = marked or _utf16_without_mark(head)
    if encoding.startswith("utf-16"):
        return Text(encoding, _count_wide_rows(file, head), valid=True)
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, valid, telling, chunk, last = 0, True, b"", head, head
    while chunk:
        if b"\0" in chunk:
            raise faults.nul_bytes(lines + chunk[: chunk.index(b"\0")].count(b"\n") + 1)
        lines += chunk.count(b"\n") or chunk.count(b"\r")
        if valid and not (chunk.isascii() and not decoder.getstate()[0]):
            valid = _decodes(decoder, chunk)
        if len(telling) < SAMPLE and not chunk.isascii():
            telling += b"\n".join(_telling_lines(chunk[: SAMPLE * 2]))
        last, chunk = chunk, file.read(CHUNK)
    rows = lines + (not last.endswith((b"\n", b"\r")))
    valid = valid and _decodes(decoder, b"", final=True)
    return Text(marked or ("utf-8" if valid else _code_page(telling[:SAMPLE])), rows, valid)


def _telling_lines(chunk: bytes) -> list[bytes]:
    """The lines with something beyond ASCII in them: all that tells one code page from another."""
    return [line for line in chunk.splitlines() if not line.isascii()]


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _utf16_without_mark(head: bytes) -> str:
    even, odd = head[0:4000:2], head[1:4000:2]
    if len(odd) < 4:
        return ""
    if odd.count(0) > len(odd) * 0.3 and not even.count(0):
        return "utf-16-le"
    return "utf-16-be" if even.count(0) > len(even) * 0.3 and not odd.count(0) else ""


def _count_wide_rows(file: BinaryIO, chunk: bytes) -> int:
    lines = 0
    while chunk:
        lines += chunk.count(b"\n\0") or chunk.count(b"\0\n") or chunk.count(b"\r\0")
        chunk = file.read(CHUNK)
    return lines + 1


def _code_page(telling: bytes) -> str:
    """The likeliest of the encodings that are not UTF-8, from lines with letters beyond ASCII."""
    if _is_nearly_utf8(telling):
        return "utf-8"
    pairs = DOUBLE.findall(telling)
    asian = _asian(pairs, telling)
    if asian:
        return asian
    if sum(byte > 127 for byte in telling) >= FEW_LETTERS:
        best = from_bytes(telling, cp_isolation=LEGACY, enable_fallback=False).best()
        if best is not None:
            return best.encoding
    return "cp1252"


def _is_nearly_utf8(telling: bytes) -> bool:
    """One spoilt byte in a UTF-8 file must not turn every other row into gibberish."""
    text = telling.decode("utf-8", errors="replace")
    good = sum(sign > "\x7f" and sign != "\ufffd" for sign in text)
    return good > 20 * text.count("\ufffd")


def _asian(pairs: list[bytes], telling: bytes) -> str:
    """Chinese text in GB18030 or Big5 (or Korean), told by where each keeps its everyday characters.

    GB2312 keeps its 3,755 common characters at B0-D7 with a high second byte; Big5 its 5,401 at A4-C6, two in
    five of them with a low second byte; Korean syllables fill B0-C8 only.
    """
    letters = [pair for pair in pairs if not 0xA1 <= pair[0] <= 0xA3]
    if not letters:
        return ""
    chinese = sum(0xB0 <= first <= 0xD7 and second >= 0xA1 for first, second in letters) / len(letters)
    taiwanese = sum(0xA4 <= first <= 0xC6 for first, _ in letters) / len(letters)
    if chinese >= 0.85:
        beyond = sum(first > 0xC8 for first, _ in letters)
        korean = not beyond and len(letters) >= 20
        return "cp949" if korean else "gb18030"
    if taiwanese >= 0.85 and _valid(telling, "big5hkscs"):
        return "big5hkscs"
    return "gb18030" if chinese >= 0.6 and _valid(telling, "gb18030") else ""


def _valid(telling: bytes, encoding: str) -> bool:
    return telling.decode(encoding, errors="replace").count("\ufffd") <= len(telling) // 2000
