"""The measurement of growth runs real studies; here two tiny ones."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from studies.models import Study


@pytest.mark.django_db
def test_studies_of_each_size_run_and_their_cost_is_told(tmp_path):
    out = StringIO()
    call_command("bench_study", prompts=[1, 2], json=tmp_path / "growth.json", stdout=out)
    costs = json.loads((tmp_path / "growth.json").read_text())
    assert [cost["prompts"] for cost in costs] == [1, 2]
    assert all(cost["seconds"] > 0 and cost["memory"] > 0 and 0 < cost["engine_share"] <= 1 for cost in costs)
    assert costs[1]["clips"] > costs[0]["clips"]
    assert "× prompts" in out.getvalue()
    assert set(Study.objects.values_list("status", flat=True)) == {"complete"}


@pytest.mark.django_db
def test_a_study_of_no_prompts_is_refused():
    with pytest.raises(CommandError, match="at least one prompt"):
        call_command("bench_study", prompts=[0], stdout=StringIO())
