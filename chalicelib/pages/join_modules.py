"""Join JavaScript modules to one file, so that a page needs one request for its scripts.

The modules are plain ECMAScript modules that a browser could load as they are; joining only removes
their imports and exports. Nothing is minified, because gzip does most of that. A module that breaks
one of these rules raises ModuleError:

- imports are `import { a, b } from "./module.js";`, or of a library: `"../libraries/name.js"`;
- exports are `export` before `const`, `function` or `class`;
- names at the top level are unique in all modules of a page.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function|const|class) )", re.MULTILINE)
_DEFINITION = re.compile(
    r"^(?:export )?(?:async )?(?:function|const|let|class)\b\*? *([A-Za-z_$][\w$]*|\S)",
    re.MULTILINE,
)
_OTHER = re.compile(r"^(?:import\b(?! *\()|export\b).*", re.MULTILINE)
_LIBRARY = re.compile(r'"\.\./libraries/([\w-]+\.js)"')


class ModuleError(Exception):
    """A module breaks a rule of joining; the message names the module and the rule."""


class Module(NamedTuple):
    """A module: its name, its code without imports and exports, and what it imports.

    `libraries` are the imported names by library, `modules` the names of own modules.
    """

    name: str
    code: str
    modules: tuple[str, ...]
    libraries: tuple[tuple[str, tuple[str, ...]], ...]


def join(entry: str, read: Callable[[str], str], address: Callable[[str], str]) -> str:
    """Return the code of a module and of all that it imports, each once and after its imports.

    `read` returns a module's text by its name, `address` the address of a library, relative to the
    joined file. Raises ModuleError, also for modules that import each other.
    """
    modules = list(_in_order(entry, read, ()))
    _require_unique_names(modules)
    parts = [f"// {module.name}\n{module.code}" for module in modules]
    code = "".join([*_library_imports(modules), *parts])
    return _LIBRARY.sub(lambda match: f'"{address(match.group(1))}"', code)


def _in_order(
    entry: str, read: Callable[[str], str], path: tuple[str, ...], seen: set[str] | None = None
) -> Iterator[Module]:
    seen = set() if seen is None else seen
    if entry in path:
        raise ModuleError(f"{' → '.join((*path, entry))}: modules must not import each other.")
    if entry in seen:
        return
    module = _parsed(entry, read(entry))
    for imported in module.modules:
        yield from _in_order(imported, read, (*path, entry), seen)
    seen.add(entry)
    yield module


def _parsed(name: str, text: str) -> Module:
    modules: list[str] = []
    libraries: list[tuple[str, tuple[str, ...]]] = []
    for names, source in _IMPORT.findall(text):
        if " as " in names:
            raise ModuleError(f"{name}: {source} is imported under other names.")
        if library := _LIBRARY.fullmatch(f'"{source}"'):
            parts = tuple(part.strip() for part in names.split(",") if part.strip())
            libraries.append((library.group(1), parts))
        else:
            modules.append(source.removeprefix("./"))
    code = _EXPORT.sub("", _IMPORT.sub("", text))
    if other := _OTHER.search(code):
        raise ModuleError(f"{name}: {other.group()!r} is none of the imports and exports allowed.")
    return Module(name, code, tuple(modules), tuple(libraries))


def _require_unique_names(modules: list[Module]) -> None:
    owners: dict[str, str] = {}
    for module in modules:
        for name in _DEFINITION.findall(module.code):
            if not name.isidentifier() and "$" not in name:
                raise ModuleError(f"{module.name}: a top-level {name} names more than one thing.")
            if name in owners:
                raise ModuleError(f"{name} is defined in {owners[name]} and in {module.name}.")
            owners[name] = module.name


def _library_imports(modules: list[Module]) -> Iterator[str]:
    imported: dict[str, list[str]] = {}
    for module in modules:
        for library, names in module.libraries:
            imported.setdefault(library, []).extend(names)
    for library, all_names in imported.items():
        yield f'import {{ {", ".join(dict.fromkeys(all_names))} }} from "../libraries/{library}";\n'
