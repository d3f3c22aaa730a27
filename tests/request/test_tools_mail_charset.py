"""In which charset the bytes of a mail are read."""

from odoo.tests import BaseCase

from ...tools.mail_charset import find_charset


class TestMailCharset(BaseCase):

    def test_what_is_declared_counts_where_it_fits(self):
        self.assertEqual(find_charset("für".encode("latin-1"), "iso-8859-1"), "iso-8859-1")
        self.assertEqual(find_charset("电梯".encode("gbk"), "gbk"), "gbk")
        self.assertEqual(find_charset(b"plain", None), "ascii")
        self.assertEqual(find_charset(b"plain", "x-unknown-77"), "utf-8")

    def test_utf8_is_tried_next(self):
        self.assertEqual(find_charset("电梯".encode(), None), "utf-8")
        self.assertEqual(find_charset("für".encode(), "ascii"), "utf-8")

    def test_chinese_is_told_from_accented_letters(self):
        for text in ("冷水机组报警E417", "A和B两台电梯都停了", "PLC报警", "请马上来！"):
            self.assertEqual(find_charset(text.encode("gb18030"), "utf-8"), "gb18030", text)
        for text in ("Größe für Tür", "café crème à la carte", "Müßiggang in Zürich"):
            self.assertEqual(find_charset(text.encode("latin-1"), None), "latin-1", text)
