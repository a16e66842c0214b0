"""Text that a database can hold and a person can read."""

from workspaces.texts import clean_text


def test_clean_text() -> None:
    assert clean_text("  a\x00b\r\nc\x07\u202e\ud800\ufeff ") == "ab\nc"
    assert clean_text("e\u0301") == "é"
    assert clean_text("👩\u200d💻") == "👩\u200d💻"
