"""The names of a migrated database, from PostgreSQL's own catalogue."""

from typing import Any

_QUERIES = {
    "columns": """
        table_name, column_name || ' ' || data_type
        FROM information_schema.columns WHERE table_schema = 'read_model'""",
    "functions": """
        proname, format('(%s) -> %s', pg_get_function_arguments(oid), pg_get_function_result(oid))
        FROM pg_proc WHERE pronamespace = 'read_model'::regnamespace""",
    "indexes": "tablename, indexname FROM pg_indexes WHERE schemaname = 'read_model'",
    "policies": "tablename, policyname FROM pg_policies WHERE schemaname = 'read_model'",
    "triggers": """
        relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE NOT tgisinternal AND relnamespace = 'read_model'::regnamespace""",
    "grants": r"""
        grantee, table_name || ' ' || string_agg(privilege_type, ' ' ORDER BY privilege_type)
        FROM information_schema.role_table_grants
        WHERE table_schema = 'read_model' AND grantee LIKE 'livro\_%' AND grantee <> 'livro_owner'
        GROUP BY grantee, table_name""",
    "callable functions": """
        rolname, proname FROM pg_roles CROSS JOIN pg_proc
        WHERE pronamespace = 'read_model'::regnamespace
        AND rolname IN ('livro_projector', 'livro_reader', 'livro_closer')
        AND has_function_privilege(rolname, pg_proc.oid, 'EXECUTE')""",
    "roles": """
        rolname, unnest(rolconfig) FROM pg_roles
        WHERE rolname IN ('livro_owner', 'livro_projector', 'livro_reader', 'livro_closer')""",
    "migrations": "name, checksum FROM migrations",
}


def catalogue(connection: Any) -> dict[str, dict[str, list[str]]]:
    """Return tables, columns, functions, rights and roles of the schema `read_model`."""
    names: dict[str, dict[str, list[str]]] = {kind: {} for kind in _QUERIES}
    for kind, query in _QUERIES.items():
        for group, name in connection.run(f"SELECT {query} ORDER BY 1, 2"):
            names[kind].setdefault(group, []).append(name)
    return names
