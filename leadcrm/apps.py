from django.apps import AppConfig


class LeadcrmConfig(AppConfig):
    name = "leadcrm"

    def ready(self) -> None:
        from leadcrm import celery, flow  # noqa: F401 - tasks are sent through this app

        flow.connect()
