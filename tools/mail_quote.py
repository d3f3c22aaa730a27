"""What a mail says itself, without the mail that it answers."""

import re

from lxml import html

# What mail programs write above the mail that is answered: a line, the head of a mail, or
# who wrote when.
_LINE = re.compile(
    r"\s*-{2,}\s*(original message|ursprüngliche nachricht|message d.origine|原始邮件|原始郵件"
    r"|原邮件)\s*-{2,}", re.IGNORECASE)
_SENDER = re.compile(r"[\s*]*(from|von|de|发件人|寄件者|寄件人)[\s*]*[:：]", re.IGNORECASE)
_HEAD = re.compile(
    r"[\s*]*(sent|date|to|gesendet|datum|an|envoyé|à|发送时间|发送日期|日期|时间|收件人|收件者)"
    r"[\s*]*[:：]", re.IGNORECASE)
_WHO_WROTE = re.compile(r".*\d.*(wrote|schrieb|a écrit|写道|寫道)\s*[:：]\s*", re.IGNORECASE)


def drop_marked_quotes(body):
    """Return an HTML body without the parts that Odoo has marked as quoted.

    Mail programs write each line as a block of its own; a break keeps them apart in plain text.
    """
    root = html.fragment_fromstring(body, create_parent="div")
    for quote in root.xpath("//*[@data-o-mail-quote]"):
        quote.drop_tree()
    return html.tostring(root, encoding="unicode").replace("</div>", "</div><br>")


def cut_quoted(text):
    """Return a plain text as far as the mail that it answers begins."""
    lines = text.splitlines()
    for number in range(len(lines)):
        if _begins_quote(lines[number:number + 5]):
            lines = lines[:number]
            break
    while lines and (not lines[-1].strip() or _WHO_WROTE.fullmatch(lines[-1])):
        lines.pop()
    return "\n".join(lines).strip()


def _begins_quote(lines):
    first, *others = lines
    return bool(_LINE.match(first) or _SENDER.match(first) and any(map(_HEAD.match, others)))
