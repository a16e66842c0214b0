"""Substring search as the program's role, under row-level security: the first page of what is found."""

from collections.abc import Iterator

from benchmarks import Figure, benchmark
from benchmarks.ground import Ground, p95, timed
from leads.finding import find
from leads.models import Lead
from leads.queries import filtered
from workspaces.models import Member, Role
from workspaces.tenancy import enter

LIMIT_S = 0.030
PAGE = 50
EACH = 20  # different texts of each kind


def kinds(ground: Ground) -> dict[str, list[str]]:
    """Texts to search for. In the middle of a word unless said otherwise; the broad ones fit every eighth lead."""
    some = [1 + number * ground.each // EACH for number in range(EACH)]
    return {
        "name": [f"iller{number}" for number in some],
        "company": [f"mpany {1 + number % max(ground.each // 10, 1)} " for number in some],
        "e-mail": [f"rson{number}@comp" for number in some],
        "phone": [f"{2_000_000_000 + number}"[2:] for number in some],
        "phone as written": [f"+1 {2_000_000_000 + number}" for number in some],
        "two Chinese characters": ["张伟"] * EACH,
        "two Chinese characters and a number": [f"张伟 weber{number}" for number in some],
        "a name every eighth has": ["ille", "arcia", "hatima", "eber"] * (EACH // 4),
        "nothing": [f"nobody{number}" for number in some],
    }


@benchmark
def searching(ground: Ground) -> Iterator[Figure]:
    times: dict[str, list[float]] = {}
    found: dict[str, int] = {}
    for kind, texts in kinds(ground).items():
        for number, text in enumerate(texts):
            with enter(ground.workspaces[number % len(ground.workspaces)]):
                found[kind] = found.get(kind, 0) + search(ground, text)  # warm
                times.setdefault(kind, []).append(timed(lambda text=text: search(ground, text)))  # type: ignore[misc]
    assert all(found[kind] for kind in ("company", "e-mail", "phone", "two Chinese characters")), found
    every = [one for each in times.values() for one in each]
    more = {"p95_by_kind_s": {kind: round(p95(each), 4) for kind, each in times.items()}, "found": found}
    yield Figure("search, p95", f"{len(every)} searches", p95(every), LIMIT_S, limit="30 ms", more=more)
    worst = max(times, key=lambda kind: p95(times[kind]))
    yield Figure("search, p95 of the slowest kind", worst, p95(times[worst]), LIMIT_S, limit="30 ms")


def meant(ground: Ground) -> dict[str, list[str]]:
    """What the one box has to make sense of: typed wrong, in pinyin, by sound, in part."""
    some = [1 + number * ground.each // EACH for number in range(EACH)]
    return {
        "a letter out of place": ["garcai", "fatmia", "webre", "nvoak"] * (EACH // 4),
        "a letter too many or too few": ["milller", "smth", "garrcia", "rosssi"] * (EACH // 4),
        "two words typed wrong": ["fatmia webre", "oga garcai", "jonh smtih", "prya kahn"] * (EACH // 4),
        "a name typed wrong, with its number": [f"millre {number}" for number in some],
        "full pinyin": ["zhangwei", "zhang wei"] * (EACH // 2),
        "initials": ["zw"] * EACH,
        "another character of the same sound": ["章伟"] * EACH,
        "an e-mail": [f"person{number}@company" for number in some],
        "an e-mail typed wrong": [f"preson{number}@company" for number in some],
        "nobody of that name": ["quetzalcoatl", "xylophonist"] * (EACH // 2),
    }


@benchmark
def finding(ground: Ground) -> Iterator[Figure]:
    """The one box (Ctrl-K): leads, companies and people at once."""
    times: dict[str, list[float]] = {}
    found: dict[str, int] = {}
    for kind, texts in meant(ground).items():
        for number, text in enumerate(texts):
            with enter(ground.workspaces[number % len(ground.workspaces)]):
                found[kind] = found.get(kind, 0) + sum(map(len, find(text, 8, None).values()))  # warm
                times.setdefault(kind, []).append(timed(lambda text=text: find(text, 8, None)))  # type: ignore[misc]
    every = [one for each in times.values() for one in each]
    more = {"p95_by_kind_s": {kind: round(p95(each), 4) for kind, each in times.items()}, "found": found}
    yield Figure("one box, p95", f"{len(every)} searches", p95(every), LIMIT_S, limit="30 ms", more=more)
    worst = max(times, key=lambda kind: p95(times[kind]))
    yield Figure("one box, p95 of the slowest kind", worst, p95(times[worst]), LIMIT_S, limit="30 ms")


@benchmark
def searching_masked(ground: Ground) -> Iterator[Figure]:
    """A rep searches, who sees how to reach their own leads only: parts of addresses that most of the others have."""
    times: list[float] = []
    texts = ["200", "20", "+1", "person", "rson1", "01", "miller", "company 1", "example"]
    for number, text in enumerate(texts * 2):
        with enter(ground.workspaces[number % len(ground.workspaces)]):
            rep = Member.objects.filter(role=Role.REP).first()
            search(ground, text, rep)  # warm
            times.append(timed(lambda text=text, rep=rep: search(ground, text, rep)))  # type: ignore[misc]
    yield Figure("search by a rep, p95", f"{len(times)} searches", p95(times), LIMIT_S, limit="30 ms")


def search(ground: Ground, text: str, member: Member | None = None) -> int:
    rows = filtered(Lead.objects.all(), {"q": text}, as_of=ground.as_of, member=member, best=PAGE)
    return len(rows.select_related("company", "owner").order_by("-score", "-id")[:PAGE])
