"""Which characters the standard fonts of PDF have, and how the others are written.

The fonts have the characters of Windows-1252. Another letter is written without its marks or by its
sound, any other character by its name.
"""

import re
import unicodedata
from functools import lru_cache

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


def printable(text: str) -> str:
    """Return the text with only characters that the standard fonts have.

    "Č" becomes "C", "Łódź" "Lódz", "Привет" "Privet", "−" "-"; a character that has neither letter
    nor sound is replaced by its Unicode name in brackets, such as "[bread]".
    """
    try:
        text.encode(ENCODING)
    except UnicodeEncodeError:
        return "".join(map(_printable_character, unicodedata.normalize("NFC", text)))
    return text


@lru_cache
def _printable_character(character: str) -> str:
    decomposed = unicodedata.normalize("NFKD", character)
    base = "".join(part for part in decomposed if not unicodedata.combining(part))
    for form in (character, unicodedata.normalize("NFKC", character), base):
        if form and _has_glyphs(form):
            return form
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):  # marks and joiners, alone
        return ""
    for form in (character, base):
        if (shown := _REPLACEMENTS.get(form.lower())) is not None:
            return shown.capitalize() if form.isupper() else shown
    name = unicodedata.name(character, "")
    if letter := _LETTER.fullmatch(name):
        return letter[1].lower() if character.islower() else letter[1]
    code = f"{ord(character):04X}"
    return f"[U+{code}]" if not name or name.endswith(code) else f"[{name.lower()}]"


def _has_glyphs(text: str) -> bool:
    try:
        text.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True
