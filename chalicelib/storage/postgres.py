"""Connections to the read model: reused while they are good, and closed when in doubt.

Shared by the packages that use the read model (projection, queries, closing). Work with a
connection may run twice: when a reused connection turns out to be dead, it runs again on a new one.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from chalicelib import observability

Result = TypeVar("Result")
# SQLSTATE codes or their beginnings (PostgreSQL, appendix A).
_SERVER_SHUTDOWN = "57P"
_TIMEOUTS = ("57014", "55P03")
"""Of a statement, and of its wait for a lock."""
_VALUE_REJECTED = ("22", "23", "54000")


class DatabaseUnreachableError(Exception):
    """The database did not do this work; trying again later may help."""


class StatementTimeoutError(DatabaseUnreachableError):
    """The server responds, but this statement took, or waited, longer than its role may."""


class ValueRejectedError(Exception):
    """The database will never accept one of the values; `code` is the SQLSTATE of the reason.

    The server's message is left out, because it may quote the row, and rows contain names.
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
        """Run one statement, prepared at its first use; later uses take one round trip."""
        with observability.store_call("postgresql", statement):
            prepared = self._prepared.get(statement)
            if prepared is None:
                prepared = self._prepared[statement] = self._connection.prepare(statement)
            rows: list[list[Any]] = prepared.run(**values)
        return rows

    def script(self, statements: str) -> None:
        """Run statements without values and without a result."""
        with observability.store_call("postgresql", statements):
            self._connection.run(statements)

    @contextmanager
    def time_limit(self, seconds: int) -> Iterator[None]:
        """Let each statement in the block take this long, whatever its role and client may."""
        socket = self._connection._usock
        usual = socket.gettimeout()
        self.script(f"SET statement_timeout = '{seconds}s'")
        socket.settimeout(seconds + 1)
        try:
            yield
        finally:
            socket.settimeout(usual)
            with suppress(Exception):  # the error of the block says more
                self.script("RESET statement_timeout")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything that is done inside the block, or nothing."""
        self.script("BEGIN")
        try:
            yield
        except BaseException:
            with suppress(Exception):  # a dead connection is rolled back by the server
                self.script("ROLLBACK")
            raise
        self.script("COMMIT")

    def close(self) -> None:
        """Close the connection, dead or alive."""
        with suppress(Exception):
            self._connection.close()


class Connections:
    """At most `limit` sessions at a time for all threads; each waits `wait` s for a free one."""

    def __init__(self, connect: Callable[[], Any], limit: int = 1, wait: float = 1.0) -> None:
        self._connect = connect
        self._wait = wait
        self._slots = threading.BoundedSemaphore(limit)
        self._idle: list[Session] = []
        self._settings = ""

    def begin_with(self, settings: str) -> None:
        """Run these statements on every session from now on, also after a reconnect.

        No session may be in use meanwhile.
        """
        if settings != self._settings:
            self._settings = settings
            self.close()

    def use(self, work: Callable[[Session], Result]) -> Result:
        """Return the result of work with a session; errors of the work itself are not translated.

        Raises ValueRejectedError when only a value is wrong, StatementTimeoutError when a statement
        took too long, and DatabaseUnreachableError (its parent) when the database does not respond,
        shuts down or is overloaded, for any other error of the server, which another connection may
        not have, and when all connections stay in use.
        """
        if not self._slots.acquire(timeout=self._wait):
            raise DatabaseUnreachableError("All connections are in use.")
        try:
            return self._run_on_idle_or_new(work)
        finally:
            self._slots.release()

    def close(self) -> None:
        """Close the sessions that are not in use."""
        while (session := self._take()) is not None:
            session.close()

    def _run_on_idle_or_new(self, work: Callable[[Session], Result]) -> Result:
        idle = self._take()
        if idle is None:
            return self._run(self._new(), work)
        try:
            return self._run(idle, work)
        except StatementTimeoutError:
            raise
        except DatabaseUnreachableError as failure:
            # The server may have restarted, which breaks the other idle connections too. A server
            # that timed out would time out again, so that is not tried twice.
            self.close()
            if not _is_broken(failure.__cause__):
                raise
        return self._run(self._new(), work)

    def _take(self) -> Session | None:
        with suppress(IndexError):
            return self._idle.pop()
        return None

    def _new(self) -> Session:
        try:
            with observability.store_call("postgresql", "connect"):
                session = Session(self._connect())
                if self._settings:
                    session.script(self._settings)
                return session
        except Exception as error:
            raise DatabaseUnreachableError(reason(error)) from error

    def _run(self, session: Session, work: Callable[[Session], Result]) -> Result:
        try:
            result = work(session)
        except BaseException as error:
            self._translate(session, error)
            raise
        self._idle.append(session)
        return result

    def _translate(self, session: Session, error: BaseException) -> None:
        code = sqlstate(error) or ""
        if code.startswith(_VALUE_REJECTED):
            self._idle.append(session)
            raise ValueRejectedError(code) from None
        # After any other error, responses may still be on their way on this connection.
        session.close()
        if code in _TIMEOUTS:
            raise StatementTimeoutError(reason(error)) from error
        if is_database_failure(error):
            raise DatabaseUnreachableError(reason(error)) from error


def texts(values: Iterable[str | None]) -> str:
    """Return the array literal of any texts; None becomes NULL."""
    elements = [
        "NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        for value in values
    ]
    return "{" + ",".join(elements) + "}"


def sqlstate(error: BaseException | None) -> str | None:
    """Return the SQLSTATE of an error of the server; None for any other error."""
    if isinstance(error, ValueRejectedError):
        return error.code
    fields = error.args[0] if error is not None and error.args else None
    return fields.get("C") if isinstance(fields, dict) else None


def is_database_failure(error: BaseException) -> bool:
    """Return whether an error came from the server, the driver or the network."""
    import pg8000.native

    failures = (pg8000.native.InterfaceError, OSError)
    return sqlstate(error) is not None or isinstance(error, failures)


def _is_broken(error: BaseException | None) -> bool:
    """Return whether the connection broke, and did not time out."""
    if isinstance(error, TimeoutError) or isinstance(error and error.__cause__, TimeoutError):
        return False
    code = sqlstate(error)
    return code is None or code.startswith(_SERVER_SHUTDOWN)


def reason(error: BaseException) -> str:
    """Describe an error without the server's message, which may contain values of rows."""
    code = sqlstate(error)
    return f"SQLSTATE {code}" if code else f"{type(error).__name__}: {error}"
