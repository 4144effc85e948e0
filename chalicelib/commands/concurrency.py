"""Calls of the ledger for many things at once, by a few threads."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from chalicelib import observability
from chalicelib.storage.batch_get import chunks

Argument = TypeVar("Argument")
Result = TypeVar("Result")


def concurrently(
    work: Callable[[Argument], Result], arguments: Sequence[Argument], workers: int
) -> Iterator[Result]:
    """Yield the results in the order of the arguments, from up to `workers` threads.

    With one worker, or one argument, the work is done in the caller's thread. The first error ends
    the iteration, after the calls that have begun.
    """
    workers = min(workers, len(arguments))
    if workers <= 1:
        yield from map(work, arguments)
        return
    waiting = deque(enumerate(arguments))
    results: dict[int, Result] = {}

    def work_off(_worker: int) -> None:
        try:
            for position, argument in _taken(waiting):
                results[position] = work(argument)
        except BaseException:
            waiting.clear()
            raise

    # A task for each worker costs half of what a task for each argument does.
    with ThreadPoolExecutor(workers) as pool:
        try:
            list(pool.map(observability.in_context(work_off), range(workers)))
        finally:
            waiting.clear()  # where this thread is interrupted, the others stop, too
    yield from (results[position] for position in range(len(arguments)))


def _taken(waiting: deque[Argument]) -> Iterator[Argument]:
    """Yield what is waiting, until nothing is; several threads may take at once."""
    while True:
        try:
            yield waiting.popleft()
        except IndexError:
            return


def read_many(
    read: Callable[[Sequence[str]], Mapping[str, Result]], entry_ids: Sequence[str], workers: int
) -> dict[str, Result]:
    """Return what `read`, which reads up to 100 ids, returns of any number of ids."""
    batches = list(chunks(list(dict.fromkeys(entry_ids))))
    return {
        entry_id: value
        for result in concurrently(read, batches, workers)
        for entry_id, value in result.items()
    }
