"""The bill as a page of text: three designs at three volumes, by part, with all assumptions."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from infrastructure.cost import designs
from infrastructure.cost.fixed_costs import FixedCosts, fixed_costs
from infrastructure.cost.line_items import Line
from infrastructure.cost.measured import BATCH, Measured, Operation
from infrastructure.cost.prices import Prices
from infrastructure.cost.workload import ASSUMPTIONS, FILE_ROWS, VOLUMES, Workload

Design = Callable[[Workload, Measured, FixedCosts], Iterable[Line]]
DESIGNS: Mapping[str, Design] = {
    "Livro Caixa": designs.livro_caixa,
    "on EKS": designs.eks,
    "naive serverless": designs.naive,
}
NOTES = (
    "Livro Caixa: this repository; a small stage up to a million entries, a large one above",
    "on EKS: the same code in pods on at least three nodes; ledger and read model in PostgreSQL in "
    "two zones, SQS between them, two NAT gateways",
    "naive serverless: a DynamoDB transaction and a Step Functions execution per entry, running "
    "balances, two NAT gateways; without closings and seals",
)


def dollars(lines: Iterable[Line], prices: Prices) -> dict[str, float]:
    """Return the dollars of a bill by part."""
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
    bills = [_bill(designs.livro_caixa, volume, measured, prices) for volume in VOLUMES]
    yield _row("sign-in, included in each", [f"{bill['sign-in']:,.2f}" for bill in bills])
    per_million = [
        1e6 * sum(bill.values()) / volume for bill, volume in zip(bills, VOLUMES, strict=True)
    ]
    yield _row("Livro Caixa, per million", [f"{dollars:,.2f}" for dollars in per_million])


def _parts(measured: Measured, prices: Prices) -> Iterator[str]:
    for name, design in DESIGNS.items():
        bills = [_bill(design, volume, measured, prices) for volume in VOLUMES]
        yield _row(f"{name}, by part", [f"{volume:,}" for volume in VOLUMES])
        for part in sorted(set().union(*bills), key=lambda part: -bills[-1].get(part, 0)):
            yield _row(f"  {part}", [f"{bill.get(part, 0):,.2f}" for bill in bills])


def _bill(design: Design, volume: int, measured: Measured, prices: Prices) -> dict[str, float]:
    return dollars(design(Workload(volume), measured, fixed_costs(volume)), prices)


def _measurements(measured: Measured) -> Iterator[str]:
    yield _operation("record an entry", measured.record)
    yield _operation("read a balance", measured.balance)
    yield _operation("read a page of 50", measured.page)
    yield _operation("project one entry", measured.project_one)
    yield _operation(f"project {BATCH} entries", measured.project_batch)
    yield _operation("close a merchant's day", measured.close_merchant)
    yield _operation("make a statement (PDF)", measured.statement)
    yield _operation(f"import {FILE_ROWS} rows of a bank", measured.bank_file)
    yield _operation("load the dashboard", measured.web_page)
    yield f"  an entry takes {measured.ledger_bytes:,.0f} bytes in the ledger, its index included"
    yield f"  and {measured.read_model_bytes:,.0f} in the read model"


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
