from django.apps import AppConfig


def _open_trials(sender, study, **kwargs) -> None:
    from listening.actions.open_trials import open_trials

    open_trials(study=study)


class ListeningConfig(AppConfig):
    name = "listening"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from studies.signals import study_completed

        study_completed.connect(_open_trials, dispatch_uid="listening.open_trials")
