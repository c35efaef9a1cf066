"""Nothing that reaches the browser names or betrays an arm."""

import re

from django.urls import reverse

from listening.models import Presentation
from studies.models import Rewrite
from tests.listening.raters import arrived, form, heard_pair, open_pair, page, token


def everything(study) -> str:
    """All that one rater's browser receives of a study: pages and headers."""
    rater = arrived(study, PROLIFIC_PID="rater1")
    received = []
    for _ in range(3):
        response = rater.get(page("trial", study))
        shown = heard_pair(rater, study)
        sound = rater.get(reverse("listening:audio", args=[token(shown, "a")]))
        received += [response.text, str(response.headers), str(sound.headers)]
        received.append(str(rater.post(page("vote", study), form(shown)).headers))
    received.append(rater.get(page("end", study)).text)
    return "\n".join(received)


def test_no_arm_clip_or_rewrite_is_named(study):
    received = everything(study).lower()

    for arm in study.arms.all():
        assert arm.key not in received
        assert arm.name.lower() not in received
    for rewrite in Rewrite.objects.exclude(rewriter=None):
        assert rewrite.text.lower() not in received
    for trial in study.trials.all():
        for stimulus in trial.stimuli.all():
            assert stimulus.clip.audio.name.lower() not in received
            assert stimulus.clip.identity not in received


def test_the_two_sides_of_a_page_differ_in_letters_and_random_names_alone(study):
    rater = arrived(study)
    shown = open_pair(rater, study)
    text = rater.get(page("trial", study)).text
    a, b = re.findall(r'<section class="player".*?</section>', text, re.S)

    said = {"a": a.replace(token(shown, "a"), "TOKEN"), "b": b.replace(token(shown, "b"), "TOKEN")}
    plain = re.sub(r'data-letter="a"', 'data-letter="b"', said["a"]).replace("heard_a", "heard_b")
    plain = re.sub(r"(Sound|Play|Pause) A", r"\1 B", plain).replace(">A<", ">B<")

    assert plain == said["b"]


def test_two_raters_get_different_names_for_the_same_sound(study):
    study.trials.exclude(pk=study.trials.first().pk).delete()
    for name in ("one", "two"):
        open_pair(arrived(study, PROLIFIC_PID=name), study)

    one, two = Presentation.objects.all()
    assert one.trial == two.trial
    tokens = [token(shown, letter) for shown in (one, two) for letter in "ab"]
    assert len({*tokens, one.token, two.token}) == 6


def test_the_browser_may_load_nothing_from_elsewhere_and_run_nothing_inline(study):
    rater = arrived(study)
    response = rater.get(page("trial", study))

    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", response.text)
