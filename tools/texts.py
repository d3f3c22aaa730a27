"""Reading of contract texts: plain words of an HTML text, and phrases found in it."""

import re
import unicodedata
from functools import lru_cache
from html import unescape

_BLOCK_TAG = re.compile(r"</?(?:p|div|br|li|ul|ol|h\d|table|tr|td|th|blockquote)\b[^>]*>", re.I)
_TAG = re.compile(r"<[^>]+>")
_CJK = re.compile("[\u3400-\u9fff]")


@lru_cache(maxsize=4096)
def read_plain(html):
    """Return the words of an HTML text in one line, in lower case and in one width."""
    text = unescape(_TAG.sub("", _BLOCK_TAG.sub(" ", html or "")))
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def find_phrases(phrases, html):
    """Return those of the phrases that stand in the text, however they are broken or written.

    Chinese has no spaces between its words: for a Chinese phrase those of the text do not count.
    """
    text = read_plain(html)
    solid = text.replace(" ", "")
    return [
        phrase for phrase in phrases
        if (plain := read_plain(phrase))
        and (plain.replace(" ", "") in solid if _CJK.search(plain) else plain in text)
    ]
