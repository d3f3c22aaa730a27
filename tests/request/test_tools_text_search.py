from odoo.tests import BaseCase

from ...tools.text_search import MAX_TERMS, get_terms, get_weight, is_code


class TestToolsTextSearch(BaseCase):
    """What is looked for in a text of any language."""

    def test_words_codes_and_pairs(self):
        for text, terms in (
            ("The PUMP does not start!", ["pump", "start"]),
            ("Error E7, e7", ["error", "e7"]),
            ("a b c", []),
            ("电梯门", ["电梯", "梯门"]),
            ("门", []),
            ("E7电梯", ["e7", "电梯"]),
            ("Aufzugstür öffnet", ["aufzugstür", "öffnet"]),
            ("门的了", []),
            ("我们的电梯坏了", ["电梯", "梯坏"]),
            ("Doors, closing; switches tripped. Glass bus on the 5th", [
                "door", "clos", "switch", "trip", "glass", "bus"]),
            (None, []),
        ):
            with self.subTest(text):
                self.assertEqual(get_terms(text), terms)

    def test_long_texts_are_cut(self):
        self.assertEqual(len(get_terms(" ".join(f"word{n}" for n in range(500)))), MAX_TERMS)

    def test_codes_and_long_words_weigh_more(self):
        self.assertEqual([get_weight(term) for term in ("e7", "417", "pump", "capacitor", "电梯")],
                         [12, 6, 4, 9, 4])

    def test_codes_hold_letters_and_digits(self):
        self.assertEqual([is_code(term) for term in ("e7", "p20", "417", "pump", "电梯")],
                         [True, True, False, False, False])
