"""Which characters the standard fonts of PDF have, and how the others are written.

The fonts have the characters of Windows-1252. Another letter is written without its marks or by its
sound; where that is impossible, brackets say what was written, such as "[emoji]" or "[árabe]".
"""

import re
import unicodedata

ENCODING = "cp1252"
# Each character, followed by what is written in its place.
_TABLE = (
    "аa бb вv гg дd еe ёio жzh зz иi йi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch "
    "ъ ыy ь эe юiu яia іi їi єie ґg αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs "
    "τt υy φf χch ψps ωo −- ‐- →-> ←<- ≤<= ≥>= ≠<> ′' ″\" "
)
_REPLACEMENTS = {pair[0]: pair[1:] for pair in _TABLE.split()}
_LETTER = re.compile(
    "(?:LATIN|REGIONAL INDICATOR SYMBOL).* LETTER (?:DOTLESS )?([A-Z])(?: WITH .*)?"
)
# The first words of the Unicode names of characters, and how brackets name these characters.
_SCRIPTS = (
    ("ARABIC", "árabe", "Arabic"),
    ("HEBREW", "hebraico", "Hebrew"),
    ("DEVANAGARI", "devanágari", "Devanagari"),
    ("CJK KANGXI IDEOGRAPHIC", "ideogramas", "ideographs"),
    ("HIRAGANA KATAKANA KATAKANA-HIRAGANA", "japonês", "Japanese"),
    ("HANGUL", "coreano", "Korean"),
    ("THAI", "tailandês", "Thai"),
    ("ARMENIAN", "armênio", "Armenian"),
    ("GEORGIAN", "georgiano", "Georgian"),
    ("", "outra escrita", "another script"),
    ("", "emoji", "emoji"),
    ("", "símbolo", "symbol"),
)
# While a text is rewritten, each character that brackets will name is a mark, of private use.
_FIRST_MARK = 0xE000
_MARK_OF = {
    word: chr(_FIRST_MARK + number)
    for number, (words, _, _) in enumerate(_SCRIPTS)
    for word in words.split()
}
_OTHER_SCRIPT, _EMOJI, _SYMBOL = (chr(_FIRST_MARK + len(_SCRIPTS) - number) for number in (3, 2, 1))
_RUN = re.compile(f"([{chr(_FIRST_MARK)}-{_SYMBOL}])(?: *\\1)*")
_BRACKETS = {
    locale: {chr(_FIRST_MARK + at): f"[{script[column]}]" for at, script in enumerate(_SCRIPTS)}
    for locale, column in (("pt-BR", 1), ("en", 2))
}
_GLYPHS = frozenset(bytes(range(256)).decode(ENCODING, "ignore"))
_EMOJI_BLOCKS = ((0x2300, 0x23FF), (0x2600, 0x27BF), (0x2B00, 0x2BFF), (0x1F000, 0x1FAFF))


def printable(text: str, locale: str = "pt-BR") -> str:
    """Return a text in NFC with only characters that the standard fonts have.

    "Č" becomes "C", "Łódź" "Lódz", "Привет" "Privet", "−" "-". Characters that have neither letter
    nor sound in the fonts become what they are, one bracket for a run: "שלום עולם" is "[hebraico]",
    or "[Hebrew]" where the locale is `en`.
    """
    if _has_glyphs(text):
        return text
    brackets = _BRACKETS[locale]
    rewritten = "".join(map(_CHARACTERS.__getitem__, text))
    return _RUN.sub(lambda run: brackets[run[1]], rewritten)


class _Characters(dict[str, str]):
    """What is written for each character, filled as characters are met."""

    def __missing__(self, character: str) -> str:
        self[character] = written = _written(character)
        return written


_CHARACTERS = _Characters()


def _written(character: str) -> str:
    """Return what is written for a character: letters, nothing, or a mark if brackets name it."""
    name, category = unicodedata.name(character, ""), unicodedata.category(character)
    if mark := _MARK_OF.get(name.partition(" ")[0]):  # first, because these are most of Unicode
        return mark
    decomposed = unicodedata.normalize("NFKD", character)
    base = "".join(part for part in decomposed if not unicodedata.combining(part))
    for form in (character, unicodedata.normalize("NFKC", character), base):
        if form and _GLYPHS.issuperset(form):
            return form
    if category in ("Mn", "Me", "Cf"):  # marks and joiners, alone
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    for form in (character, base):
        if (shown := _REPLACEMENTS.get(form.lower())) is not None:
            return shown.capitalize() if form.isupper() else shown
    return _letter_or_mark(character, name, category)


def _letter_or_mark(character: str, name: str, category: str) -> str:
    if letter := _LETTER.fullmatch(name):
        return letter[1].lower() if character.islower() else letter[1]
    if category[0] in "LMN":
        return _OTHER_SCRIPT
    is_emoji = any(first <= ord(character) <= last for first, last in _EMOJI_BLOCKS)
    return _EMOJI if is_emoji else _SYMBOL


def _has_glyphs(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True
