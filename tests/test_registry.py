"""Around every dossier system: time-out, one retry, circuit, cache; several systems by prefix."""

import asyncio
from dataclasses import dataclass, field

import pytest

from connectors import registry
from connectors.codes import ReadCode
from connectors.dossier import (
    DossierStatus,
    Elsewhere,
    Found,
    NotFound,
    PublicStatus,
    SystemFailure,
    Unavailable,
)
from connectors.registry import CACHE_SECONDS, FAILURES_TO_OPEN, OPEN_SECONDS, Dossiers, System

CODE = "H37.12-260601-0001"


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Scripted:
    """A connector that does what ``script`` says, the last item for ever; ``asked``: the codes."""

    script: list[DossierStatus | NotFound | Exception | float]
    name: str = "scripted"
    asked: list[str] = field(default_factory=list)
    closed: bool = False

    async def find(self, code: str, second_factor: str | None = None) -> DossierStatus | NotFound:
        self.asked.append(code)
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, float):
            await asyncio.sleep(step)
            return NotFound()
        if isinstance(step, Exception):
            raise step
        return step

    async def overdue(self, agency: str) -> int:
        raise SystemFailure("not_offered")

    async def counts(self, agency: str, since: object, until: object) -> object:
        raise SystemFailure("not_offered")

    async def close(self) -> None:
        self.closed = True


def status(code: str = CODE, system: str = "scripted") -> DossierStatus:
    return DossierStatus(code, PublicStatus.PROCESSING, system=system)


def failure(reason: str = "timeout", *, again: bool = False) -> SystemFailure:
    return SystemFailure(reason, again=again)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "RETRY_PAUSE_SECONDS", 0.0)


def system(
    *script: DossierStatus | NotFound | Exception | float,
    clock: Clock | None = None,
    prefixes: tuple[str, ...] = (),
    name: str = "scripted",
) -> tuple[System, Scripted]:
    connector = Scripted(list(script), name)
    made = System(connector, prefixes, clock or Clock(), answer_seconds=0.05)  # type: ignore[arg-type]
    return made, connector


async def test_a_failure_that_a_second_try_may_mend_is_tried_once_more() -> None:
    made, connector = system(failure(again=True), status())
    assert await made.find(CODE, None) == status()
    assert len(connector.asked) == 2


async def test_there_is_one_retry_only() -> None:
    made, connector = system(failure("status_500", again=True))
    assert await made.find(CODE, None) == Unavailable("scripted", "status_500")
    assert len(connector.asked) == 2


async def test_a_failure_that_no_second_try_mends_is_not_tried_again() -> None:
    made, connector = system(failure("rate_limited"))
    assert await made.find(CODE, None) == Unavailable("scripted", "rate_limited")
    assert len(connector.asked) == 1


async def test_a_slow_system_costs_no_more_than_its_time() -> None:
    made, _ = system(60.0)
    assert await made.find(CODE, None) == Unavailable("scripted", "timeout")


async def test_a_connector_with_a_bug_is_an_unavailable_system(
    caplog: pytest.LogCaptureFixture,
) -> None:
    made, _ = system(ZeroDivisionError("bug"))
    assert await made.find(CODE, None) == Unavailable("scripted", "broke")
    assert CODE not in caplog.text


async def _fail(made: System, times: int) -> None:
    for number in range(times):
        await made.find(f"H37.12-260601-{number:04d}", None)


async def test_the_circuit_opens_after_failures_in_a_row_and_asks_no_more() -> None:
    made, connector = system(failure("x"))
    await _fail(made, FAILURES_TO_OPEN)
    assert await made.find(CODE, None) == Unavailable("scripted", "open")
    assert len(connector.asked) == FAILURES_TO_OPEN
    assert made.circuit.state == "open"


async def test_a_success_in_between_starts_the_count_anew() -> None:
    failures: list[Exception] = [failure("x")] * (FAILURES_TO_OPEN - 1)
    made, _ = system(*failures, status(), *failures, status())
    await _fail(made, 2 * FAILURES_TO_OPEN)
    assert made.circuit.state == "closed"


async def test_after_a_while_one_question_probes_and_a_success_closes() -> None:
    clock = Clock()
    made, connector = system(*[failure("x")] * FAILURES_TO_OPEN, status(), clock=clock)
    await _fail(made, FAILURES_TO_OPEN)
    clock.now += OPEN_SECONDS
    assert made.circuit.state == "trying"
    assert await made.find(CODE, None) == status()
    assert made.circuit.state == "closed"
    assert len(connector.asked) == FAILURES_TO_OPEN + 1


async def test_a_probe_that_fails_opens_for_another_while() -> None:
    clock = Clock()
    made, connector = system(failure("x"), clock=clock)
    await _fail(made, FAILURES_TO_OPEN)
    clock.now += OPEN_SECONDS
    assert await made.find(CODE, None) == Unavailable("scripted", "x")
    assert await made.find(CODE, None) == Unavailable("scripted", "open")
    assert len(connector.asked) == FAILURES_TO_OPEN + 1


async def test_while_one_probes_the_others_do_not() -> None:
    clock = Clock()
    made, connector = system(*[failure("x")] * FAILURES_TO_OPEN, 0.02, clock=clock)
    await _fail(made, FAILURES_TO_OPEN)
    clock.now += OPEN_SECONDS
    both = await asyncio.gather(made.find("a", None), made.find("b", None))
    assert both == [NotFound(), Unavailable("scripted", "open")]
    assert len(connector.asked) == FAILURES_TO_OPEN + 1


async def test_a_probe_that_nobody_waits_for_lets_the_next_one_through() -> None:
    clock = Clock()
    made, _ = system(*[failure("x")] * FAILURES_TO_OPEN, 60.0, status(), clock=clock)
    await _fail(made, FAILURES_TO_OPEN)
    clock.now += OPEN_SECONDS
    probe = asyncio.create_task(made.find(CODE, None))
    await asyncio.sleep(0)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    assert await made.find(CODE, None) == status()


async def test_an_answer_is_kept_for_a_minute_a_failure_is_not() -> None:
    clock = Clock()
    made, connector = system(failure("x"), status(), NotFound(), clock=clock)
    assert isinstance(await made.find(CODE, None), Unavailable)
    assert await made.find(CODE, None) == await made.find(CODE, None) == status()
    assert len(connector.asked) == 2
    clock.now += CACHE_SECONDS + 1
    assert await made.find(CODE, None) == NotFound()


async def test_what_is_kept_for_one_second_factor_is_not_told_to_another() -> None:
    made, connector = system(status(), NotFound())
    assert await made.find(CODE, "1234") == status()
    assert await made.find(CODE, "9999") == NotFound()
    assert len(connector.asked) == 2


async def test_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "CACHE_SIZE", 3)
    made, _ = system(NotFound())
    await _fail(made, 10)
    assert len(made._cache.kept) == 3


async def _ask(dossiers: Dossiers, code: str) -> Found:
    return await dossiers.find(ReadCode(code))


async def test_each_system_is_asked_for_the_codes_it_holds() -> None:
    first, province = system(status("p", "p"), prefixes=("H37",), name="p")
    second, ministry = system(status("m", "m"), prefixes=("G09", "BHXH"), name="m")
    dossiers = Dossiers([first, second], 0)
    assert await _ask(dossiers, CODE) == status("p", "p")
    assert await _ask(dossiers, "000.00.04.H37-260601-0001") == status("p", "p")
    assert await _ask(dossiers, "G09.20-20260609-0092637") == status("m", "m")
    assert await _ask(dossiers, "03706/2026/07906") == status("m", "m")
    assert (len(province.asked), len(ministry.asked)) == (2, 2)


async def test_a_code_that_nobody_holds_is_elsewhere() -> None:
    made, connector = system(status(), prefixes=("H37",))
    assert await _ask(Dossiers([made]), "H51.12-260601-0001") == Elsewhere()
    assert await _ask(Dossiers([]), CODE) == Elsewhere()
    assert connector.asked == []


async def test_a_system_without_prefixes_holds_every_code() -> None:
    made, _ = system(status())
    assert await _ask(Dossiers([made]), "H51.12-260601-0001") == status()


async def test_of_several_holders_the_first_that_knows_answers() -> None:
    first, _ = system(NotFound(), name="a")
    second, _ = system(status(system="b"), name="b")
    assert await _ask(Dossiers([first, second], 0), CODE) == status(system="b")


async def test_not_found_needs_every_holder_s_word() -> None:
    first, _ = system(failure("x"), name="a")
    second, _ = system(NotFound(), name="b")
    assert await _ask(Dossiers([first, second], 0), CODE) == Unavailable("a", "x")
    third, _ = system(NotFound(), name="c")
    assert await _ask(Dossiers([second, third], 0), CODE) == NotFound()


async def test_one_broken_system_does_not_stop_another() -> None:
    broken, _ = system(failure("x"), prefixes=("H37",), name="a")
    whole, _ = system(status(system="b"), prefixes=("G09",), name="b")
    dossiers = Dossiers([broken, whole])
    for number in range(FAILURES_TO_OPEN):
        await _ask(dossiers, f"H37.12-260601-{number:04d}")
    assert await _ask(dossiers, "G09.20-20260609-0092637") == status(system="b")
    assert dossiers.health() == {"a": "open", "b": "closed"}


async def test_closing_closes_every_connector() -> None:
    first, one = system(status(), name="a")
    second, two = system(status(), name="b")
    await Dossiers([first, second], 0).close()
    assert one.closed and two.closed


async def test_the_time_of_not_found_does_not_tell_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quick and slow answers end at the same mark after they were asked."""
    now, slept = Clock(), []
    monkeypatch.setattr(registry.time, "perf_counter", now)

    async def answers(seconds: float) -> float:
        class Slow(Scripted):
            async def find(self, code: str, second_factor: str | None = None) -> NotFound:
                now.now += seconds
                return NotFound()

        made = System(Slow([NotFound()]), clock=Clock())  # type: ignore[arg-type]
        begun = now.now
        assert await _ask(Dossiers([made], 0.25), CODE) == NotFound()
        return now.now - begun + slept[-1]

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(registry.asyncio, "sleep", sleep)
    assert [await answers(s) for s in (0.0, 0.001, 0.2)] == pytest.approx([0.25] * 3)
    assert await answers(0.3) == pytest.approx(0.5)
