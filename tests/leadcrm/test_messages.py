"""Texts out of code and templates, without GNU gettext."""

from pathlib import Path

import polib
import pytest

from leadcrm import messages


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project with one room, one page of that room and one of nobody's."""
    monkeypatch.setattr(messages, "BASE_DIR", tmp_path)
    for room in ("leads", "leadcrm"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "apps.py").write_text("")
    (tmp_path / "leads" / "actions.py").write_text(
        "_('Claimed by %(name)s')\n"
        "ngettext('%(count)d lead', '%(count)d leads', 2)\n"
        "pgettext('month', 'May')\n"
    )
    (tmp_path / "templates" / "leads").mkdir(parents=True)
    (tmp_path / "templates" / "leads" / "list.html").write_text(
        "{% load i18n %}\n  <h1>{% translate 'Leads' %}</h1>\n"
        "    {% blocktranslate trimmed with n=name %}\n  Held by\n  {{ n }}\n{% endblocktranslate %}\n"
    )
    (tmp_path / "templates" / "base.html").write_text("{% load i18n %}{% translate 'Sign out' %}")
    return tmp_path


def test_texts_of_code_and_templates(house: Path) -> None:
    assert messages.texts_of("leads") == {
        messages.Text("Claimed by %(name)s"),
        messages.Text("%(count)d lead", "%(count)d leads"),
        messages.Text("May", context="month"),
        messages.Text("Leads"),
        messages.Text("Held by %(n)s"),
    }
    assert messages.texts_of("leadcrm") == {messages.Text("Sign out")}


def test_update_keeps_translations_and_drops_the_dead(house: Path) -> None:
    assert messages.update("leads")
    path = messages.catalogue_path("leads")
    catalogue = polib.pofile(str(path))
    catalogue.find("Leads").msgstr = "线索"
    catalogue.append(polib.POEntry(msgid="Gone", msgstr="没了"))
    catalogue.save(str(path))
    assert "leads: no longer used: 'Gone'" in messages.complaints("leads")
    assert messages.update("leads")
    assert [entry.msgid for entry in polib.pofile(str(path)) if entry.msgstr] == ["Leads"]
    assert not messages.update("leads")
    assert "leads: untranslated: 'May'" in messages.complaints("leads")


def test_a_lost_placeholder_is_a_complaint(house: Path) -> None:
    messages.update("leads")
    path = messages.catalogue_path("leads")
    catalogue = polib.pofile(str(path))
    catalogue.find("Claimed by %(name)s").msgstr = "已领取"
    catalogue.save(str(path))
    assert "leads: placeholders lost: 'Claimed by %(name)s'" in messages.complaints("leads")
