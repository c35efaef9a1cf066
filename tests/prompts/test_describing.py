"""What is said of a prompt set: counted by hand beside it."""

import pytest
from django.urls import reverse

from prompts.describing import Description, Text
from prompts.models import Prompt
from tests import factories

TEXTS = [
    Text("a sad song with rain", "open", "train"),  # sad, rain of five words
    Text("loud drums", "open", "train"),
    Text("The rain is sad!", "open", "test"),  # the content words of the first
    Text("bright bells and drums", "open", "test"),
    Text("slow piano in a large church", "expert", "train"),
]


def test_groups_say_how_long_and_how_dense_prompts_are():
    train, test, expert = Description(TEXTS).groups

    assert (train.kind, train.split, train.prompts) == ("open", "train", 2)
    assert (train.shortest, train.median, train.longest) == (2, 3.5, 5)
    assert (train.content, train.vocabulary) == (2, 4)
    assert train.density == pytest.approx(4 / 7)
    assert (test.split, test.content, test.density) == ("test", 2.5, pytest.approx(5 / 8))
    assert (expert.kind, expert.vocabulary) == ("expert", 4)


def test_overlaps_name_what_splits_share():
    (overlap,) = Description(TEXTS).overlaps

    assert (overlap.kind, overlap.first, overlap.second) == ("open", "train", "test")
    assert overlap.known == pytest.approx(3 / 5)  # sad, rain, drums of sad, rain, bright, bells, drums
    assert overlap.twins == (("a sad song with rain", "The rain is sad!"),)


def test_lengths_have_no_gap():
    assert Description(TEXTS).lengths == [(2, 1), (3, 0), (4, 2), (5, 1), (6, 1)]


def test_an_empty_set_has_nothing_to_describe():
    nothing = Description([])

    assert (nothing.groups, nothing.overlaps, nothing.lengths) == ([], [], [])


def test_the_page_shows_it_to_the_team_alone(client, db, django_assert_max_num_queries):
    viewer, stranger = (factories.user(is_staff=True) for _ in range(2))
    prompt_set = factories.prompt_set(factories.team(viewer, role="viewer"))
    factories.team(stranger)
    address = reverse("admin:prompts_promptset_statistics", args=[prompt_set.pk])
    Prompt.objects.bulk_create(
        Prompt(prompt_set=prompt_set, position=100 + i, text=f"rain on roof {i}", split="test") for i in range(2_000)
    )

    client.force_login(viewer)
    with django_assert_max_num_queries(8):
        shown = client.get(address)
    assert shown.status_code == 200
    assert "Information density" in shown.text

    client.force_login(stranger)
    assert client.get(address).status_code == 404
