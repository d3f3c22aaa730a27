"""What to look for when somebody describes a trouble in any language, without any database.

Words of alphabets are looked for as they are. Chinese and its neighbours write no spaces, so a
run of their characters is cut into overlapping pairs, the shortest pieces that mean something:
电梯门 gives 电梯 and 梯门. Database locales often know no letters but ASCII, and then
PostgreSQL makes no trigrams of such a text at all; pairs are found all the same.
"""

import re

# Han, kana and hangul: scripts without spaces between words, or with very short words.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_PIECE = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+", re.UNICODE)
_IS_CJK = re.compile(rf"[{_CJK}]")
# Words that every description holds, and that say nothing of the trouble.
_STOP_WORDS = frozenset(
    "the and but not for with from that this has have was were are our your its does dont "
    "very when what how again please help since get can will".split()
)
MAX_LENGTH = 400
MAX_TERMS = 30


def get_terms(text):
    """Return the pieces of a text worth looking for, in lower case, each once, in its order."""
    terms = {}
    for piece in _PIECE.findall((text or "")[:MAX_LENGTH].lower()):
        if _IS_CJK.match(piece):
            pairs = (piece[start:start + 2] for start in range(len(piece) - 1))
            terms.update(dict.fromkeys(pairs))
        elif _is_telling(piece):
            terms[piece] = None
    return list(terms)[:MAX_TERMS]


def _is_telling(word):
    """Whether a word narrows a search: three letters at least, or a code such as E7."""
    if any(char.isdigit() for char in word):
        return len(word) >= 2
    return len(word) >= 3 and word not in _STOP_WORDS


def is_spelt(term):
    """Whether a term is written with letters, so that one of them may be wrong."""
    return not _IS_CJK.match(term)


def get_weight(term):
    """Return how much it means that a term was found: long words mean more than short ones."""
    if any(char.isdigit() for char in term):
        return 6
    return 4 if _IS_CJK.match(term) else min(len(term), 10)
