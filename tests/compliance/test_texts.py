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
        self.assertEqual(find_phrases(["或裁或审"], "<p>争议 或<b>裁</b><br/>或审</p>"), ["或裁或审"])
        self.assertEqual(find_phrases(["final say"], "<p>The FINAL\n<i>say</i></p>"), ["final say"])
        self.assertEqual(find_phrases(["final say"], "<p>ｆｉｎａｌ ｓａｙ</p>"), ["final say"])

    def test_words_of_two_paragraphs_are_no_phrase(self):
        self.assertEqual(find_phrases(["final say"], "<p>the final</p><p>sayings</p>"), ["final say"])
        self.assertEqual(find_phrases(["finalsay"], "<p>final</p><p>say</p>"), [])

    def test_an_empty_phrase_is_never_found(self):
        self.assertEqual(find_phrases(["", " "], "<p>anything</p>"), [])
