"""What happens after what, on one page.

If seeing A without B would be wrong, B runs in A's transaction: the lists below, in order. What may
come seconds later is due work: ``run_due``, called by Celery beat and by ``manage.py run_due``.
Every action takes a set of lead ids, ``as_of`` and ``actor``, and costs a fixed number of statements.
"""


def connect() -> None:
    """Tell the lower rooms what follows."""
