"""The names of a migrated database, from PostgreSQL's own catalogue."""

from typing import Any

_COLUMNS = """
    SELECT table_name, column_name || ' ' || data_type FROM information_schema.columns
    WHERE table_schema = 'read_model' ORDER BY 1, ordinal_position"""
_FUNCTIONS = """
    SELECT proname, format('(%s) -> %s', pg_get_function_arguments(oid),
        pg_get_function_result(oid))
    FROM pg_proc WHERE pronamespace = 'read_model'::regnamespace ORDER BY 1, 2"""
_INDEXES = """
    SELECT tablename, indexname FROM pg_indexes WHERE schemaname = 'read_model' ORDER BY 1, 2"""
_TRIGGERS = """
    SELECT tgrelid::regclass::text, tgname FROM pg_trigger
    JOIN pg_class ON pg_class.oid = tgrelid
    WHERE NOT tgisinternal AND relnamespace = 'read_model'::regnamespace ORDER BY 1, 2"""
_POLICIES = """
    SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'read_model' ORDER BY 1, 2"""
_GRANTS = """
    SELECT grantee, table_name || ' ' || string_agg(privilege_type, ' ' ORDER BY privilege_type)
    FROM information_schema.role_table_grants
    WHERE table_schema = 'read_model' AND grantee LIKE 'livro\\_%' AND grantee <> 'livro_owner'
    GROUP BY grantee, table_name ORDER BY 1, 2"""
_CALLABLE = """
    SELECT rolname, proname FROM pg_roles CROSS JOIN pg_proc
    WHERE pronamespace = 'read_model'::regnamespace
    AND rolname IN ('livro_projector', 'livro_reader', 'livro_closer')
    AND has_function_privilege(rolname, pg_proc.oid, 'EXECUTE') ORDER BY 1, 2"""
_ROLES = """
    SELECT rolname, unnest(rolconfig) FROM pg_roles
    WHERE rolname IN ('livro_owner', 'livro_projector', 'livro_reader', 'livro_closer')
    ORDER BY 1, 2"""
_MIGRATIONS = "SELECT name, checksum FROM migrations ORDER BY 1"
_QUERIES = {
    "columns": _COLUMNS,
    "functions": _FUNCTIONS,
    "indexes": _INDEXES,
    "triggers": _TRIGGERS,
    "policies": _POLICIES,
    "grants": _GRANTS,
    "callable functions": _CALLABLE,
    "roles": _ROLES,
    "migrations": _MIGRATIONS,
}


def catalogue(connection: Any) -> dict[str, dict[str, list[str]]]:
    """Return tables, columns, functions, rights and roles of the schema `read_model`."""
    return {kind: _grouped(connection.run(query)) for kind, query in _QUERIES.items()}


def _grouped(rows: list[list[str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for group, name in rows:
        grouped.setdefault(group, []).append(name)
    return grouped
