from django.apps import AppConfig


class ResultsConfig(AppConfig):
    name = "results"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from results import audited  # noqa: F401 (connects its signals)
        from results.hooks.announce import announce
        from studies.signals import study_changed

        def tell(study, event, **kwargs) -> None:
            announce(study, f"study.{event}")

        study_changed.connect(tell, weak=False, dispatch_uid="results.hooks.announce")
