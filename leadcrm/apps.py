from django.apps import AppConfig


class LeadcrmConfig(AppConfig):
    name = "leadcrm"

    def ready(self) -> None:
        from leadcrm import flow

        flow.connect()
