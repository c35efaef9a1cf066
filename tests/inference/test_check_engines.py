"""`check_engines` tells what this machine can run; a scorer that hears nothing is refused wherever it is loaded."""

from io import StringIO

import numpy as np
import pytest
import torch
from django.core.management import CommandError, call_command

from inference.engines import registry, self_test
from inference.engines.protocols import EngineError
from inference.serving import engine_of, shelf
from studies.models import EngineSpec
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_shelf():
    shelf().clear()


def said(*arguments, **options) -> str:
    output = StringIO()
    call_command("check_engines", *arguments, stdout=output, **options)
    return output.getvalue()


def test_a_recipes_engines_are_loaded_and_examined():
    output = said(recipe="sandbox")

    assert "matching pairs score" in output and "the same sound twice" in output
    assert "audiocraft-musicgen" in output


def test_what_is_lacking_is_named(monkeypatch):
    needy = registry.Entry("generator", "a:B", registry.parameters.NoParameters, ("torch", "no_such_package"))
    monkeypatch.setitem(registry.ENGINES, "needy", needy)
    assert "lacks no_such_package" in said("--packages-only")

    factories.engine("generator", "needy")
    with pytest.raises(CommandError, match="Not usable here: needy"):
        said()


def test_a_missing_checkpoint_is_told_with_its_remedy():
    factories.engine("scorer", "transformers-clap", checkpoint="nobody/no-such-clap")
    output = StringIO()

    with pytest.raises(CommandError, match="Not usable here"):
        call_command("check_engines", stdout=output)
    assert "hf download" in " ".join(output.getvalue().split())


def test_a_scorer_that_cannot_tell_sounds_apart_is_refused_by_the_worker(clap_checkpoint):
    spec = factories.engine("scorer", "transformers-clap", checkpoint=clap_checkpoint)  # random weights

    with pytest.raises(EngineError, match="does not tell sounds apart"):
        engine_of(spec)


def test_a_collapsed_scorer_is_refused():
    class Collapsed:
        def embed_text(self, texts):
            return np.tile([[1.0, 0.0]], (len(texts), 1))

        def embed_audio(self, sounds):
            return np.tile([[0.01, 0.99995]], (len(sounds), 1))

    with pytest.raises(EngineError, match=r"\+0\.000 above others"):
        self_test.examine("scorer", Collapsed())


def test_a_generator_that_forgets_its_seed_is_refused():
    class Forgetful:
        def generate(self, texts, seeds, seconds):
            from inference.engines.protocols import Sound

            return [Sound(0.1 * torch.randn(16_000).numpy(), 16_000)]

    with pytest.raises(EngineError, match="another sound for the same seed"):
        self_test.examine("generator", Forgetful())


def test_the_commit_behind_a_hub_name_is_kept_and_another_one_refused(tmp_path, monkeypatch):
    spec = factories.engine("scorer", "transformers-clap", checkpoint="laion/clap-htsat-unfused")
    call_command("fill_small_hub", tmp_path, stdout=StringIO())
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))

    engine_of(spec)
    spec = EngineSpec.objects.get(pk=spec.pk)
    assert len(spec.commit) == 40
    assert (tmp_path / "models--laion--clap-htsat-unfused" / "snapshots" / spec.commit).is_dir()

    shelf().clear()
    EngineSpec.objects.filter(pk=spec.pk).update(commit="0" * 40)
    with pytest.raises(EngineError, match=r"is now commit .* was made with 000000000000"):
        engine_of(spec)
