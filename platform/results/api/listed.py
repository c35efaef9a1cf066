"""Lists, a page at a time. A cursor stays right while rows come in, and no page is dearer than the first."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request


class Pages(CursorPagination):
    """`page_size` up to 1,000; `cursor` as the last page gave it; `ordering` by one of the view's own."""

    page_size, max_page_size, page_size_query_param = 100, 1_000, "page_size"
    orderings: dict[str, str] = {}

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """A page. NotFound where the cursor's place is none, as in a time that was never."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (Invalid, ValueError, OverflowError) as error:
            raise NotFound(self.invalid_cursor_message) from error

    def decode_cursor(self, request: Request) -> Cursor | None:
        cursor = super().decode_cursor(request)
        if cursor and cursor.position is not None and not _is_place(str(cursor.position), str(self.ordering[0])):
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def get_ordering(self, request: Request, queryset, view) -> tuple[str, ...]:
        orderings: dict[str, str] = view.orderings
        asked = request.query_params.get("ordering", "") or next(iter(orderings))
        name = asked.removeprefix("-")
        if name not in orderings:
            raise ValidationError({"ordering": f"Order by one of {', '.join(orderings)}; a minus before it turns it."})
        return ("-" if asked.startswith("-") else "") + orderings[name], "pk"


def _is_place(position: str, ordering: str) -> bool:
    """Whether rows that are ordered so can stand there; a time is one of some place on earth."""
    if ordering.endswith("_at"):
        moment = parse_datetime(position)
        return moment is not None and is_aware(moment)
    return "\0" not in position
