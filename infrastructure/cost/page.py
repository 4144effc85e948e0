"""The bill as a page of text: three designs at three volumes, by part, with what was assumed."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from infrastructure.cost import designs
from infrastructure.cost.fixed_costs import Standing, standing
from infrastructure.cost.line_items import Line
from infrastructure.cost.measured import BATCH, Measured, Operation
from infrastructure.cost.prices import Prices
from infrastructure.cost.workload import ASSUMPTIONS, VOLUMES, Workload

Design = Callable[[Workload, Measured, Standing], Iterable[Line]]
DESIGNS: Mapping[str, Design] = {
    "Livro Caixa": designs.ours,
    "on EKS": designs.eks,
    "naive serverless": designs.naive,
}
NOTES = (
    "Livro Caixa: this repository, a small stage up to a million entries and a large one above",
    "on EKS: the same code in pods on three nodes or more, ledger and read model in one PostgreSQL "
    "in two zones, SQS between them, two NAT gateways",
    "naive serverless: one DynamoDB transaction and one Step Functions execution an entry, running "
    "balances, two NAT gateways; no closings and no seals",
)


def dollars(lines: Iterable[Line], prices: Prices) -> dict[str, float]:
    """Return a bill by its parts."""
    parts: dict[str, float] = defaultdict(float)
    for line in lines:
        parts[line.part] += line.units * prices.dollars[line.price]
    return dict(parts)


def page(measured: Measured, prices: Prices) -> str:
    """Return the whole page."""
    return "\n".join(
        [
            f"Dollars a month, {prices.region}, prices of {prices.as_of}",
            "",
            *_totals(measured, prices),
            "",
            *_parts(measured, prices),
            "",
            "Measured now, by running the handlers:",
            *_measurements(measured),
            "",
            "Assumed:",
            *(f"  - {assumption}" for assumption in ASSUMPTIONS),
            *(f"  - {note}" for note in NOTES),
            f"  - {prices.note}",
        ]
    )


def _totals(measured: Measured, prices: Prices) -> Iterator[str]:
    yield _row("entries a month", [f"{volume:,}" for volume in VOLUMES])
    for name, design in DESIGNS.items():
        bills = [_bill(design, volume, measured, prices) for volume in VOLUMES]
        yield _row(name, [f"{sum(bill.values()):,.2f}" for bill in bills])
    people = [_bill(designs.ours, volume, measured, prices)["people"] for volume in VOLUMES]
    yield _row("in each, for signing in", [f"{one:,.2f}" for one in people])
    ours = [_bill(designs.ours, volume, measured, prices) for volume in VOLUMES]
    shares = [1e6 * sum(bill.values()) / volume for bill, volume in zip(ours, VOLUMES, strict=True)]
    yield _row("ours, a million entries", [f"{share:,.2f}" for share in shares])


def _parts(measured: Measured, prices: Prices) -> Iterator[str]:
    for name, design in DESIGNS.items():
        bills = [_bill(design, volume, measured, prices) for volume in VOLUMES]
        yield _row(f"{name}, by part", [f"{volume:,}" for volume in VOLUMES])
        for part in sorted(set().union(*bills), key=lambda one: -bills[-1].get(one, 0)):
            yield _row(f"  {part}", [f"{bill.get(part, 0):,.2f}" for bill in bills])


def _bill(design: Design, volume: int, measured: Measured, prices: Prices) -> dict[str, float]:
    return dollars(design(Workload(volume), measured, standing(volume)), prices)


def _measurements(measured: Measured) -> Iterator[str]:
    yield _operation("record an entry", measured.record)
    yield _operation("read a balance", measured.balance)
    yield _operation("read a page of 50", measured.page)
    yield _operation("project one entry", measured.project_one)
    yield _operation(f"project {BATCH} entries", measured.project_batch)
    yield _operation("close a merchant's day", measured.close_merchant)
    yield f"  an entry takes {measured.ledger_bytes:,.0f} bytes of the ledger, its index included"
    yield f"  and {measured.read_model_bytes:,.0f} of the read model"


def _operation(name: str, operation: Operation) -> str:
    calls = ", ".join(f"{count:g} {call}" for call, count in sorted(operation.calls.items()))
    counted = [
        f"{1000 * operation.cpu_seconds:.1f} ms of CPU",
        *([f"{operation.statements:g} SQL"] if operation.statements else []),
        *([f"{operation.write_units:g} write units"] if operation.write_units else []),
        *([f"{operation.read_units:g} read units"] if operation.read_units else []),
        *([calls] if calls else []),
    ]
    return f"  {name:<24} {'; '.join(counted)}"


def _row(name: str, cells: list[str]) -> str:
    return f"{name:<30}" + "".join(f"{cell:>16}" for cell in cells)
