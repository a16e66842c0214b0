"""A workspace with its first admin, the default configuration and an API key."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workspaces.actions import create_workspace
from workspaces.refusals import Refusal


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--slug", required=True)
        parser.add_argument("--email", required=True)
        parser.add_argument("--password", required=True)
        parser.add_argument("--locale", default="en", help="en or zh-hans")
        parser.add_argument("--region", help="two letters, for phones written without a country")
        parser.add_argument("--currency", help="three letters")
        parser.add_argument("--time-zone", help="such as Asia/Shanghai")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--data-dir", help="the embedded database to use (running or not)")

    def handle(self, *args: Any, **options: Any) -> None:
        more = {name: options[name] for name in ("region", "currency", "time_zone") if options[name]}
        try:
            made = create_workspace(
                options["name"],
                slug=options["slug"],
                email=options["email"],
                password=options["password"],
                locale=options["locale"],
                **more,
            )
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        if options["json"]:
            found = {
                "workspace": {"id": str(made.workspace.pk), "slug": made.workspace.slug},
                "member": {"id": str(made.member.pk), "email": made.member.email},
                "api_key": made.api_key,
            }
            self.stdout.write(json.dumps(found))
            return
        self.stdout.write(f"Workspace {made.workspace.slug}, admin {made.member.email}")
        self.stdout.write(f"API key (shown once): {made.api_key}")
