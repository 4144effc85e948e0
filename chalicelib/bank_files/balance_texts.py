"""Texts of rows that state a balance, as "S A L D O", "Sdo anterior" and "(-) SALDO A LIBERAR".

A text that only begins so may be a movement, as "SALDO DEVEDOR PAGTO": all of its words have to be
among those with which banks name a balance. It begins with "saldo", apart from numbers and marks,
so "PAGTO SALDO FATURA" states none.
"""

import re
from collections.abc import Sequence

from chalicelib.bank_files.text import fold

_LONGEST = 100
_START = r"[\W\d_]*(?:s ?a ?l ?d ?o|s ?d ?o|sld)(?![^\W\d_])"
_CODE_ZERO = r"[\W_]*cod\. ?lanc\. ?0(?![0-9])"
_BEGINNING = re.compile(f"{_START}|{_CODE_ZERO}", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_PURPOSE = re.compile(r"\bp(?:ara|/) ?(?:saque|resgate|uso|movimentacao)\b")


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Neither what is invested nor what cannot be used yet is the balance of the account.
_INVESTED = _set_of(
    "apl aplic aplicacao aplicacoes aplicado cdb facil fundo fundos invest investido investimento "
    "investimentos mais poup poupanca rende renda"
)
_NOT_FREE = _set_of(
    "bloq bloqueado bloqueados bloqueio cheque compensar confirmar especial futuro futuros "
    "garantida judicial liberar lim limite previsto projetado provisionado reservado retido "
    "vinculado"
)
_ACCOUNT = _set_of("cc cta conta contas total")
_OTHERS = _set_of(
    "a abertura anterior anteriores ant ao apos as atual atualizado aut autom automatica "
    "automaticas automatico bruto brl c com contabil corrente credor d da das de devedor dia "
    "diario disp dispon disponivel disponiveis do dos e em extrato fechamento fim fin final fixa "
    "geral h hoje ini inicial liquido livre medio mensal mes na negativo no o ontem para parcial "
    "periodo positivo provisorio r real reais sem transportado transportar "
    "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro "
    "jan fev mar abr mai jun jul ago set out nov dez"
)
_OPENING = _set_of("abertura anterior anteriores ant ini inicial")
_WORDS = _INVESTED | _NOT_FREE | _ACCOUNT | _OTHERS


def begins_as_balance(text: str) -> bool:
    """Return whether a text begins as that of a balance, whatever follows."""
    return _BEGINNING.match(text[:_LONGEST]) is not None


def is_balance(description: str, fields: Sequence[str] = ()) -> bool:
    """Return whether a description states a balance, or the first of the fields it is joined of."""
    if not begins_as_balance(description):
        return False
    first = next(filter(None, fields), "")
    return _words(description) is not None or bool(first != description and _words(first))


def is_of_the_account(description: str) -> bool:
    """Return whether a balance is that of the account, and not of a part of it, or a limit."""
    words = {*_WORD.findall(fold(description[:_LONGEST]))}
    return not words & _NOT_FREE and (not words & _INVESTED or bool(words & _ACCOUNT))


def is_opening(description: str) -> bool:
    """Return whether a balance is that before the first movement."""
    words = _words(description) or []
    return not _OPENING.isdisjoint([*words, "".join(words)])


def _words(text: str) -> list[str] | None:
    """Return the words after "saldo", or None if one is not of a balance, or none begins it."""
    folded = fold(text[: _LONGEST + 1])
    match = _BEGINNING.match(folded)
    if match is None or len(folded) > _LONGEST:
        return None
    if "lanc" in match[0]:
        return [match[0]]
    words = _WORD.findall(_PURPOSE.sub("", folded[match.end() :]))
    spaced = "".join(words)  # as "A N T E R I O R"
    return words if _WORDS.issuperset(words) or spaced in _WORDS else None
