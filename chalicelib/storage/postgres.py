"""Connections to the read model: kept warm, given back, and thrown away when in doubt.

Shared by the rooms that write it (projection) and read it (queries). Who borrows one hands in work
that may run twice: a kept connection can turn out to be dead, and the work runs again on a new one.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from chalicelib import observability

Answer = TypeVar("Answer")
_SERVER_GOES_AWAY = "57P"
_STATEMENT_ENDED = "57014"
_VALUE_REFUSED = ("22", "23", "54000")


class DatabaseUnreachableError(Exception):
    """The database gave no answer to this work; asking again later helps."""


class StatementTimeoutError(DatabaseUnreachableError):
    """The server answers, and ended this statement after the time that its role has for one."""


class ValueRejectedError(Exception):
    """The database will never take one of the values; `code` is the SQLSTATE that says why.

    What the server says besides may quote the row, and rows hold names.
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"SQLSTATE {code}")
        self.code = code


class Session:
    """One connection and the statements prepared on it; one thread at a time."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._prepared: dict[str, Any] = {}

    def rows(self, statement: str, **values: Any) -> list[list[Any]]:
        """Run one statement, prepared at its first use; one round trip from then on."""
        with observability.store_call("postgresql", statement):
            prepared = self._prepared.get(statement)
            if prepared is None:
                prepared = self._prepared[statement] = self._connection.prepare(statement)
            rows: list[list[Any]] = prepared.run(**values)
        return rows

    def script(self, statements: str) -> None:
        """Run statements that take no values and answer nothing."""
        with observability.store_call("postgresql", statements):
            self._connection.run(statements)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is done inside together, or nothing of it."""
        self.script("BEGIN")
        try:
            yield
        except BaseException:
            with suppress(Exception):  # a dead connection rolls back by itself
                self.script("ROLLBACK")
            raise
        self.script("COMMIT")

    def close(self) -> None:
        """Close the connection; one that is dead already is no matter."""
        with suppress(Exception):
            self._connection.close()


class Connections:
    """At most `bound` sessions at a time, safe under threads; who finds none waits `patience` s."""

    def __init__(self, connect: Callable[[], Any], bound: int = 1, patience: float = 1.0) -> None:
        self._connect = connect
        self._patience = patience
        self._slots = threading.BoundedSemaphore(bound)
        self._idle: list[Session] = []

    def use(self, work: Callable[[Session], Answer]) -> Answer:
        """Run work with a session; the errors of work itself pass through.

        Raises ValueRejectedError when a value is at fault and nothing else. Raises StatementTimeoutError when the
        server ended a statement for the time it took, DatabaseUnreachableError (its parent) when the database
        does not answer, is going away or is overburdened, when its answer is one that another
        connection might not give, or when all sessions are taken.
        """
        if not self._slots.acquire(timeout=self._patience):
            raise DatabaseUnreachableError("every connection is taken")
        try:
            return self._on_kept_or_new(work)
        finally:
            self._slots.release()

    def close(self) -> None:
        """Close the sessions that nobody uses now."""
        while (session := self._take()) is not None:
            session.close()

    def _on_kept_or_new(self, work: Callable[[Session], Answer]) -> Answer:
        kept = self._take()
        if kept is None:
            return self._run(self._new(), work)
        try:
            return self._run(kept, work)
        except StatementTimeoutError:
            raise
        except DatabaseUnreachableError as failure:
            # Its server may have been restarted long ago, and its fellows' server with it. A
            # server that is silent would be silent again: time-outs are not tried twice.
            self.close()
            if not _is_gone(failure.__cause__):
                raise
        return self._run(self._new(), work)

    def _take(self) -> Session | None:
        with suppress(IndexError):
            return self._idle.pop()
        return None

    def _new(self) -> Session:
        try:
            with observability.store_call("postgresql", "connect"):
                return Session(self._connect())
        except Exception as error:
            raise DatabaseUnreachableError(reason(error)) from error

    def _run(self, session: Session, work: Callable[[Session], Answer]) -> Answer:
        try:
            answer = work(session)
        except BaseException as error:
            self._settle(session, error)
            raise
        self._idle.append(session)
        return answer

    def _settle(self, session: Session, error: BaseException) -> None:
        if _refuses_value(error):
            self._idle.append(session)
            raise ValueRejectedError(sqlstate(error) or "") from None
        # After anything else the connection may be out of step with its answers.
        session.close()
        if sqlstate(error) == _STATEMENT_ENDED:
            raise StatementTimeoutError(reason(error)) from error
        if is_database_failure(error):
            raise DatabaseUnreachableError(reason(error)) from error


def sqlstate(error: BaseException | None) -> str | None:
    """Return the SQLSTATE (PostgreSQL, appendix A) of a server's error; None for any other."""
    if isinstance(error, ValueRejectedError):
        return error.code
    said = error.args[0] if error is not None and error.args else None
    return said.get("C") if isinstance(said, dict) else None


def _refuses_value(error: BaseException) -> bool:
    """Say whether the server refused a value: it will never take it, and nothing else is wrong."""
    return (sqlstate(error) or "").startswith(_VALUE_REFUSED)


def is_database_failure(error: BaseException) -> bool:
    """Say whether an error came from the server, the driver or the network, not from our code."""
    return sqlstate(error) is not None or _is_interface_error(error) or isinstance(error, OSError)


def _is_gone(error: BaseException | None) -> bool:
    """Say whether the connection broke, in contrast to a server that is silent."""
    if isinstance(error, TimeoutError) or isinstance(error and error.__cause__, TimeoutError):
        return False
    code = sqlstate(error)
    return code is None or code.startswith(_SERVER_GOES_AWAY)


def reason(error: BaseException) -> str:
    """Return what went wrong in words that hold no value of any row."""
    code = sqlstate(error)
    return f"SQLSTATE {code}" if code else f"{type(error).__name__}: {error}"


def _is_interface_error(error: BaseException) -> bool:
    import pg8000.native

    return isinstance(error, pg8000.native.InterfaceError)
