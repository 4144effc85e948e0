"""Modules are joined in the order of their imports, and what cannot be joined is an error."""

import pytest

from chalicelib.pages.join_modules import ModuleError, join

MODULES = {
    "main.js": (
        'import { a } from "./one.js";\n'
        'import {\n  b,\n} from "./two.js";\n'
        'import { h } from "../libraries/lib.js";\n'
        'const later = () => import("../libraries/big.js");\n'
    ),
    "one.js": 'import { b } from "./two.js";\nexport const a = b;\n',
    "two.js": 'import { h, k } from "../libraries/lib.js";\nexport function b() {}\n',
}
JOINED = (
    'import { h, k } from "./lib-123.js";\n'
    "// two.js\nfunction b() {}\n"
    "// one.js\nconst a = b;\n"
    '// main.js\nconst later = () => import("./big-123.js");\n'
)


def joined(modules: dict[str, str]) -> str:
    return join("main.js", modules.__getitem__, lambda name: f"./{name.replace('.js', '-123.js')}")


def test_each_module_follows_its_imports() -> None:
    assert joined(MODULES) == JOINED


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"two.js": 'import { a } from "./one.js";\nexport const b = a;\n'}, "one.js → two.js"),
        ({"two.js": "export const a = 1;\n"}, "a is defined in two.js and in one.js"),
        ({"two.js": "export default 1;\n"}, "export default 1;"),
        ({"two.js": 'import * as b from "./three.js";\n'}, "none of the imports"),
        ({"one.js": 'import { b as c } from "./two.js";\n'}, "other names"),
        ({"two.js": "export const [b] = [1];\n"}, "more than one thing"),
    ],
)
def test_what_cannot_be_joined_is_an_error(changed: dict[str, str], message: str) -> None:
    with pytest.raises(ModuleError, match=message.replace("*", ".")):
        joined(MODULES | changed)
