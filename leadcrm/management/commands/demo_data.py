"""Load the demo workspaces (one in English, one in Chinese), unless they are there already."""

import json
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone, translation

from leadcrm.demo.channels import Sources
from leadcrm.demo.examples import gather
from leadcrm.demo.floor import Floor, opened
from leadcrm.demo.lists import bring_in
from leadcrm.demo.scoring import WEEKS, Quarter, in_force, looked_at
from leadcrm.demo.weeks import DAYS, Weeks
from leadcrm.demo.words import CHINESE, ENGLISH, Words
from workspaces.actions import add_member, create_workspace
from workspaces.models import Workspace
from workspaces.tenancy import enter

PASSWORD = "demo-leads-2026"


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the logins as JSON")
        parser.add_argument("--data-dir", help="the embedded database to use (running or not)")

    def handle(self, *args: Any, **options: Any) -> None:
        for words in (ENGLISH, CHINESE):
            if not Workspace.objects.filter(slug=words.slug).exists():
                self.load(words)
        people = [
            {"workspace": w.slug, "email": email, "role": role, "password": PASSWORD}
            for w in (ENGLISH, CHINESE)
            for _name, email, role in w.people
        ]
        if options["json"]:
            self.stdout.write(json.dumps(people))
            return
        for one in people:
            self.stdout.write(f"{one['workspace']:8}  {one['role']:9}  {one['email']:22}  {one['password']}")

    def load(self, words: Words) -> None:
        now = timezone.now()
        name, email, _role = words.people[0]
        made = create_workspace(
            words.workspace,
            slug=words.slug,
            email=email,
            password=PASSWORD,
            locale=words.locale,
            admin_name=name,
        )
        with enter(made.workspace):
            for name, email, role in words.people[1:]:
                add_member(email=email, name=name, role=role, password=PASSWORD, actor=None, as_of=now)
        with translation.override(words.locale):
            weeks = Weeks(made.workspace, words, now)
            with enter(made.workspace):
                in_force(now - timedelta(days=DAYS + 7 * WEEKS + 1))
                opened(words, now - timedelta(days=DAYS + 7 * WEEKS + 1))
            channels = Sources(weeks)
            channels.begin()
            Quarter(weeks).play()
            weeks.play()
            channels.go_on()
            Floor(weeks).play()
            looked_at(weeks)
            with enter(made.workspace):
                gather(words, now)
            bring_in(made.workspace, words, now)
