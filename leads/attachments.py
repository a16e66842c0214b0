"""What a file really is, read from its content: a name or an announced type proves nothing."""

import io
import zipfile
from pathlib import PurePath

from django.utils.translation import gettext as _

from workspaces.refusals import Invalid

MOST_BYTES = 10 * 1024 * 1024
MAGIC = (
    (b"%PDF-", "application/pdf", ("pdf",)),
    (b"\x89PNG\r\n\x1a\n", "image/png", ("png",)),
    (b"\xff\xd8\xff", "image/jpeg", ("jpg", "jpeg")),
    (b"GIF87a", "image/gif", ("gif",)),
    (b"GIF89a", "image/gif", ("gif",)),
)
OFFICE = {
    "word/": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    "xl/": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    "ppt/": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
}
TEXTS = {"txt": "text/plain", "csv": "text/csv", "md": "text/plain", "eml": "text/plain"}
KNOWN = "pdf, png, jpg, gif, webp, docx, xlsx, pptx, txt, csv, md, eml"


def clean_name(name: str) -> str:
    """The last part of a name without control signs; what a browser may be told as a file's name."""
    last = PurePath(name.replace("\\", "/")).name
    shown = "".join(sign for sign in last if sign.isprintable() and sign not in '<>:"|?*')
    return shown.strip(" .")[-200:] or "file"


def kind_of(content: bytes, name: str) -> str:
    """The media type by the content. Invalid when the name says something else, or nobody may store it."""
    if not content:
        raise Invalid.field("file", _("This file is empty."), "empty")
    if len(content) > MOST_BYTES:
        message = _("A file of at most %(megabytes)d MB.") % {"megabytes": MOST_BYTES // 1024 // 1024}
        raise Invalid.field("file", message, "too_large")
    says = PurePath(name).suffix.lower().lstrip(".")
    kind, endings = by_content(content, says)
    if not kind:
        message = _("Files of this kind are not kept; known: %(known)s.") % {"known": KNOWN}
        raise Invalid.field("file", message, "unsupported")
    if says not in endings:
        message = _("Its name says “.%(name)s”, but by its content it is %(kind)s.")
        raise Invalid.field("file", message % {"name": says, "kind": kind}, "lying_type")
    return kind


def by_content(content: bytes, says: str) -> tuple[str, tuple[str, ...]]:
    for begins, kind, endings in MAGIC:
        if content.startswith(begins):
            return kind, endings
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp", ("webp",)
    if content.startswith(b"PK\x03\x04"):
        return office(content)
    return as_text(content, says)


def office(content: bytes) -> tuple[str, tuple[str, ...]]:
    """A document of an office suite; an archive of something else, or one with macros, is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return "", ()
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return "", ()
    for folder, (kind, ending) in OFFICE.items():
        if any(name.startswith(folder) for name in names):
            return kind, (ending,)
    return "", ()


def as_text(content: bytes, says: str) -> tuple[str, tuple[str, ...]]:
    """Plain text in UTF-8. What a browser would run is none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "", ()
    begins = text.lstrip()[:200].lower()
    if "\0" in text or begins.startswith(("<!doctype", "<html", "<svg", "<script", "<?xml")):
        return "", ()
    return TEXTS.get(says, "text/plain"), tuple(TEXTS)
