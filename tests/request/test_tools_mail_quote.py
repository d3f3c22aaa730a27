"""What a mail says itself, without what it quotes."""

from odoo.tests import BaseCase
from odoo.tools import html2plaintext, html_sanitize

from ...tools.mail_quote import cut_quoted, drop_marked_quotes


class TestMailQuote(BaseCase):

    def _read(self, body):
        """Return what is left of a body that has come in by mail."""
        return cut_quoted(html2plaintext(drop_marked_quotes(html_sanitize(body))))

    def test_qq_mail(self):
        self.assertEqual(self._read(
            "<div>红灯亮了。</div><div><br></div>"
            "<div style='font-size:12px'>------------------ 原始邮件 ------------------</div>"
            "<div><div><b>发件人:</b> \"Hotline\" &lt;help@service.example&gt;;</div>"
            "<div><b>发送时间:</b> 2026年1月15日 10:00</div></div>"
            "<div>请问指示灯是红色还是绿色？</div>"), "红灯亮了。")

    def test_outlook(self):
        head = ("<p><b>From:</b> Hotline &lt;help@service.example&gt;<br><b>Sent:</b> Thursday"
                "<br><b>To:</b> Nora</p><p>Which light blinks?</p>")
        self.assertEqual(self._read(f"<p>The red one.</p><div>{head}</div>"), "The red one.")
        self.assertEqual(self._read(
            "<div>The red one.</div><div id='appendonsend'></div><hr>"
            f"<div id='divRplyFwdMsg'>{head}</div><div>Which light blinks?</div>"),
            "The red one.")

    def test_gmail_and_netease(self):
        self.assertEqual(self._read(
            "<div>The red one.</div><div class='gmail_quote'>On Thu, 15 Jan 2026 Hotline wrote:"
            "<blockquote>Which light blinks?</blockquote></div>"), "The red one.")
        self.assertEqual(self._read(
            "<div>红灯。</div><p>在 2026-01-15 10:00:00，\"Hotline\" 写道：</p>"
            "<blockquote>哪个灯亮？</blockquote>"), "红灯。")

    def test_plain_text(self):
        self.assertEqual(self._read(
            "<pre>The red one.\n\nOn 15 Jan 2026, Hotline wrote:\n&gt; Which light\n&gt; blinks?"
            "\n</pre>"), "The red one.")

    def test_own_words_stay(self):
        for text in ("From: the cellar\nIt drips on two floors.", "De: 3 a 5", "--- 3 ---",
                     "The display wrote: E7"):
            self.assertEqual(cut_quoted(text), text)
        self.assertEqual(
            self._read("<div>The red one.</div><div>It hums.</div>"), "The red one.\nIt hums.")
