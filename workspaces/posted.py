"""What a page's form was sent with."""

from django.http import HttpRequest, QueryDict


def posted(request: HttpRequest) -> QueryDict | None:
    """The fields that were sent, also when there were none of them; None where the page is only looked at.

    (``request.POST or None`` takes an empty sending for no sending at all, and says nothing about it.)
    """
    return request.POST if request.method == "POST" else None
