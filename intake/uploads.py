"""Uploads larger than a list may be are refused before they are read; none is ever held in memory."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

ENVELOPE = 64 * 1024  # what a multipart body adds to its file


class AtMost(FileUploadHandler):
    """First of the upload handlers: by what is announced, and by what really comes."""

    received = 0

    def handle_raw_input(
        self, input_data: Any, META: dict, content_length: int, boundary: Any, encoding: str | None = None
    ) -> None:
        if content_length > settings.IMPORT_MAX_BYTES + ENVELOPE:
            raise RequestDataTooBig(f"{content_length} bytes")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > settings.IMPORT_MAX_BYTES:
            raise RequestDataTooBig(f"more than {settings.IMPORT_MAX_BYTES} bytes")
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
