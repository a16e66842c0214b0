"""``manage.py messages``: the texts to translate, per room."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from leadcrm import messages


class Command(BaseCommand):
    help = "Extract translatable texts into <room>/locale/zh_Hans/LC_MESSAGES/django.po."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail if anything is untranslated"
        )
        parser.add_argument("--compile", action="store_true", help="write the .mo files")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["compile"]:
            self.stdout.write(f"{messages.compile_all()} catalogues compiled")
            return
        if not options["check"]:
            for room in messages.rooms():
                if messages.update(room):
                    self.stdout.write(
                        f"updated {messages.catalogue_path(room).relative_to(messages.BASE_DIR)}"
                    )
        found = [line for room in messages.rooms() for line in messages.complaints(room)]
        if options["check"] and found:
            raise CommandError("\n".join([f"{len(found)} texts:", *found]))
        for line in found:
            self.stdout.write(line)
