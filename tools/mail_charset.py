"""Reading of texts whose mail does not say, or says wrongly, in which charset they are."""

import re

_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
# Bytes of one Chinese character; letters with accents stand alone, or two at most.
_CHINESE_RUN = 3


def find_charset(content, declared):
    """Return the charset that bytes of a mail are read by.

    What is declared counts where it fits. Else it is UTF-8, or what the mail programs of the
    Chinese-speaking mainland send, or that of Western Europe: bytes of Chinese stand in long
    rows, those of accented letters alone.
    """
    for charset in (declared or "ascii", "utf-8"):
        if _fits(content, charset):
            return charset
    runs = _HIGH_BYTES.findall(content)
    is_chinese = sum(map(len, runs)) >= _CHINESE_RUN * len(runs)
    return "gb18030" if is_chinese and _fits(content, "gb18030") else "latin-1"


def _fits(content, charset):
    try:
        content.decode(charset)
    except (LookupError, UnicodeDecodeError):
        return False
    return True
