"""Who is there to work. Workers belong to nobody: every researcher sees them, and no prompt of anybody's."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from results.live import part_or_page
from studies import crew
from studies.progress import NAMES


@login_required
@require_safe
def workers(request: HttpRequest) -> HttpResponse:
    members = crew.crew()
    context = {
        "members": members,
        "throughput": crew.throughput(),
        "kinds": NAMES,
        "memory": sum(member.memory for member in members),
        "busy": sum(member.busy for member in members),
        "processes": sum(len(member.processes) for member in members),
    }
    return render(request, part_or_page(request, "results/workers.html"), context)
