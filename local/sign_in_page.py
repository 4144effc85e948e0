"""The HTML of the laptop's sign-in page."""

from collections.abc import Mapping, Sequence
from html import escape
from string import Template

STYLE = """
:root { color-scheme: light dark; --ink: #1d2733; --soft: #5b6673; --paper: #f4f5f1;
  --card: #ffffff; --line: #8a94a0; --accent: #0b5d4e; --on-accent: #ffffff; --wrong: #a3211c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e9edf0; --soft: #a9b3bd; --paper: #12181d;
  --card: #1b2329; --line: #77828d; --accent: #7fd6bf; --on-accent: #08251f; --wrong: #ff9b92; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 24rem; background: var(--card); padding: 1.5rem;
  border-radius: 0.75rem; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; }
h2 { margin: 1.5rem 0 0.25rem; font-size: 1rem; }
label { display: block; padding: 0.75rem 0 0.375rem; font-weight: 700; }
input, button { width: 100%; min-height: 2.75rem; font: inherit; border-radius: 0.5rem; }
input { padding: 0 0.75rem; border: 1px solid var(--line); background: none; color: inherit; }
button { margin-top: 0.75rem; padding: 0.5rem 1rem; border: 1px solid var(--line); cursor: pointer;
  background: transparent; color: inherit; text-align: left; }
button.first { background: var(--accent); color: var(--on-accent); border-color: var(--accent);
  text-align: center; font-weight: 700; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
p { margin: 0; color: var(--soft); }
.wrong { color: var(--wrong); font-weight: 700; }
"""
DEMO_USERS = ("accountant", "operator", "viewer", "rival")
_ROLES = {
    "viewer": "consulta",
    "operator": "registra e consulta",
    "accountant": "registra, consulta e fecha dias",
}


# The placeholders are HTML already.
_PAGE = Template(
    """<!doctype html>
<html lang="pt-BR">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Entrar · Livro Caixa</title>
<style>$style</style>
</head>
<body>
<main>
<h1>Livro Caixa</h1>
$error
<form method="post" action="/login">
$fields
<label for="username">Usuário</label>
<input id="username" name="username" autocomplete="username" required autofocus>
<label for="password">Senha</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button class="first">Entrar</button>
</form>
<form method="post" action="/login">
$fields
<h2>Usuários de demonstração</h2>
<p>Só neste computador: um clique, sem senha.</p>
$buttons
</form>
</main>
</body>
</html>
"""
)


def sign_in_page(hidden: Mapping[str, str], users: Mapping[str, Sequence[str]], wrong: bool) -> str:
    """Return the page; `hidden` are fields to send back, `users` the groups of the pool's users.

    `wrong` says that name or password were wrong.
    """
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(text)}">'
        for name, text in hidden.items()
    )
    return _PAGE.substitute(
        style=STYLE,
        error='<p class="wrong" role="alert">Nome ou senha não conferem.</p>' if wrong else "",
        fields=fields,
        buttons="".join(_button(name, users[name]) for name in DEMO_USERS if name in users),
    )


def _button(name: str, groups: Sequence[str]) -> str:
    roles = ", ".join(_ROLES.get(group, group) for group in groups)
    shown = f"<strong>{escape(name)}</strong> · {escape(roles)}"
    return f'<button name="demo_user" value="{escape(name)}">{shown}</button>'
