"""Comparison of two texts word by word, without any database."""

import re
from difflib import SequenceMatcher

# Chinese and Japanese are written without spaces: there every character is a word of its own.
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_IDEOGRAPHS}]|\d+(?:[.,]\d+)+|[^\W{_IDEOGRAPHS}]+|\s+|[^\w\s]")


def compare_words(before, after):
    """Return what became of a text, in its order.

    :return: list of (``same`` | ``deleted`` | ``inserted``, text); the texts that are not
        inserted add up to ``before``, those that are not deleted to ``after``
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    parts = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(("same", "".join(old[i1:i2])))
            continue
        if i1 < i2:
            parts.append(("deleted", "".join(old[i1:i2])))
        if j1 < j2:
            parts.append(("inserted", "".join(new[j1:j2])))
    return parts
