from odoo.tests import BaseCase, tagged

from ...tools.texts import find_phrases, read_plain


@tagged("post_install", "-at_install")
class TestTexts(BaseCase):
    """Phrases are found however a text breaks, marks or writes them; nothing else is."""

    def test_plain_text_has_neither_tags_nor_double_spaces(self):
        self.assertEqual(
            read_plain("<p>All&nbsp;<b>Rights</b></p><p>are\n reserved&amp;kept</p>"),
            "all rights are reserved&kept",
        )
        self.assertEqual(read_plain(False), "")

    def test_a_phrase_is_found_across_marks_lines_and_widths(self):
        for phrase, html in (
            ("或裁或审", "<p>争议 或<b>裁</b><br/>或审</p>"),
            ("final say", "<p>The FINAL\n<i>say</i></p>"),
            ("final say", "<p>ｆｉｎａｌ&nbsp;ｓａｙ</p>"),
        ):
            self.assertEqual(find_phrases([phrase, "absent"], html), [phrase])

    def test_paragraphs_do_not_melt_into_one_word(self):
        self.assertEqual(find_phrases(["finalsay"], "<p>final</p><p>say</p>"), [])
        self.assertEqual(find_phrases(["finalsay"], "<p>final<b>say</b></p>"), ["finalsay"])

    def test_an_empty_phrase_is_never_found(self):
        self.assertEqual(find_phrases(["", " "], "<p>anything</p>"), [])
