from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save


def _open_trials(sender, study, **kwargs) -> None:
    from listening.actions.open_trials import open_trials

    open_trials(study=study)


def _copy_test(sender, study, original, **kwargs) -> None:
    from listening.actions.copy_test import copy_test

    copy_test(study=study, original=original)


def _give_a_test(sender, instance, created, raw, **kwargs) -> None:
    from listening.configuration import questions_of, test_of

    if created and not raw:
        test_of(instance)
        questions_of(instance)


class ListeningConfig(AppConfig):
    name = "listening"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from listening import known_providers
        from studies.signals import study_completed, study_duplicated

        study_completed.connect(_open_trials, dispatch_uid="listening.open_trials")
        study_duplicated.connect(_copy_test, dispatch_uid="listening.copy_test")
        post_migrate.connect(known_providers.keep, sender=self, dispatch_uid="listening.known_providers")
        post_save.connect(_give_a_test, sender="studies.Study", dispatch_uid="listening.give_a_test")
