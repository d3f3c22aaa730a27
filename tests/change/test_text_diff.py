from odoo.tests import BaseCase

from ...tools.diff import compare_words


class TestTextDiff(BaseCase):

    def test_changed_word_is_taken_out_and_put_in(self):
        self.assertEqual(compare_words("Notice of 30 days.", "Notice of 60 days."), [
            ("same", "Notice of "), ("deleted", "30"), ("inserted", "60"), ("same", " days."),
        ])

    def test_chinese_is_compared_character_by_character(self):
        self.assertEqual(compare_words("提前三十天通知", "提前六十天通知"), [
            ("same", "提前"), ("deleted", "三"), ("inserted", "六"), ("same", "十天通知"),
        ])

    def test_number_is_one_word(self):
        self.assertEqual(compare_words("USD 9,960.00.", "USD 7,740.00."), [
            ("same", "USD "), ("deleted", "9,960.00"), ("inserted", "7,740.00"), ("same", "."),
        ])

    def test_all_new_and_all_gone(self):
        self.assertEqual(compare_words("", "A b"), [("inserted", "A b")])
        self.assertEqual(compare_words("A b", ""), [("deleted", "A b")])
        self.assertEqual(compare_words("", ""), [])

    def test_parts_add_up_to_both_texts(self):
        before, after = "We reply in 4 h, 每天。", "We shall reply within 2 hours, 每周。"

        parts = compare_words(before, after)

        self.assertEqual("".join(t for kind, t in parts if kind != "inserted"), before)
        self.assertEqual("".join(t for kind, t in parts if kind != "deleted"), after)
