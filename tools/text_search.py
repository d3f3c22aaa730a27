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
    "the and but not for with from that this these those has have had was were are been being "
    "our your its his her their them they you who whom which does did dont doesnt cannot cant "
    "very when where what why how again please help since get gets can will would could should "
    "may must one two all any both each every some more most much many other others another "
    "only also still just too than then there here now never always often again after before "
    "while during until because between into onto out off over under about "
    "stay stays stayed remain remains keep keeps become becomes work works worked working "
    "show shows shown say says said see seen seems need needs want like today yesterday "
    "problem problems trouble issue issues urgent urgently hello dear regards thanks thank".split()
)
_ORDINAL = re.compile(r"\d+(st|nd|rd|th)")
# What holds Chinese sentences together stands between the words, and is in none of them.
_STOP_CHARACTERS = re.compile("[的了我们你您他她它请吗呢吧啊是很]+")
# Endings of English words; what is left of the word is looked for as the beginning of one.
_ENDINGS = (("ing", 4), ("ed", 4), ("es", 4), ("s", 4), ("e", 4))
MAX_LENGTH = 400
MAX_TERMS = 30


def get_terms(text):
    """Return the pieces of a text worth looking for, in lower case, each once, in its order."""
    terms = {}
    for piece in _PIECE.findall((text or "")[:MAX_LENGTH].lower()):
        if _IS_CJK.match(piece):
            terms.update(dict.fromkeys(
                part[start:start + 2]
                for part in _STOP_CHARACTERS.split(piece) for start in range(len(part) - 1)))
        elif _is_telling(piece):
            terms[_get_stem(piece)] = None
    return list(terms)[:MAX_TERMS]


def _get_stem(word):
    """Return a word without its ending, so that "doors" finds a door and "closed" what closes."""
    if not (word.isascii() and word.isalpha()) or word.endswith("ss"):
        return word
    for ending, least in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            stem = word[:-len(ending)]
            is_doubled = ending in ("ing", "ed") and len(stem) > least and stem[-1] == stem[-2]
            return stem[:-1] if is_doubled else stem
    return word


def _is_telling(word):
    """Whether a word narrows a search: three letters at least, or a code such as E7."""
    if any(char.isdigit() for char in word):
        return len(word) >= 2 and not _ORDINAL.fullmatch(word)
    return len(word) >= 3 and word not in _STOP_WORDS


def is_spelt(term):
    """Whether a term is written with letters, so that one of them may be wrong."""
    return not _IS_CJK.match(term)


def is_code(term):
    """Whether a term is a code such as E7, which says all by itself."""
    return any(char.isdigit() for char in term) and not term.isdecimal()


def get_weight(term):
    """Return how much it means that a term was found: long words mean more than short ones."""
    if is_code(term):
        return 12
    if term.isdecimal():
        return 6
    return 4 if _IS_CJK.match(term) else min(len(term), 10)
