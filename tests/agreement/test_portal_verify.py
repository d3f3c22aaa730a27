import hashlib
import io

from .portal_common import PortalCommon


class TestPortalVerify(PortalCommon):
    """Anybody who may see a contract checks that it is unchanged, and compares a file with it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.content = b"%PDF-1.4 what was put before both parties"
        cls.version.document_id = cls.env["ir.attachment"].create({
            "name": "contract.pdf", "raw": cls.content, "res_model": cls.version._name,
            "res_id": cls.version.id, "mimetype": "application/pdf",
        })
        cls.version.document_hash = hashlib.sha256(cls.content).hexdigest()

    def _compare(self, content, token=None, name="contract.pdf"):
        files = {"file": (name, io.BytesIO(content), "application/pdf")}
        return self._post("/verify", token, files=files).text

    def test_customer_and_staff_see_the_fingerprints_recomputed(self):
        for user in (self.portal_user, self.officer):
            with self.subTest(user.name):
                self._log_in(user)
                page = self._open("/verify").text
                self.assertIn(self.version.content_hash, page)
                self.assertIn(self.version.document_hash, page)
                self.assertEqual(page.count("fa-check-circle"), 2)
                self.assertNotIn("CHANGED since", page)

    def test_changed_document_is_found_out(self):
        self.version.document_id.raw = b"%PDF-1.4 forged"
        self._log_in()

        self.assertEqual(self._open("/verify", self.token).text.count("CHANGED since"), 1)

    def test_genuine_file_is_recognised(self):
        self._log_in()

        page = self._compare(self.content, self.token)

        self.assertIn("is genuine", page)
        self.assertIn("byte for byte", page)

    def test_changed_file_is_recognised(self):
        self._log_in(self.portal_user)

        page = self._compare(self.content + b" ")

        self.assertIn("is none of the files of this contract", page)
        self.assertNotIn("is genuine", page)

    def test_file_of_another_contract_is_recognised(self):
        other = self._create_to_sign().version_id.sudo()
        other.document_hash = self.version.document_hash
        self.version.document_id.raw = b"%PDF-1.4 another"
        self._log_in(self.portal_user)

        self.assertIn("is none of the files", self._compare(b"%PDF-1.4 another"))

    def test_wrong_files_are_refused_and_nothing_is_kept(self):
        before = self.env["ir.attachment"].search_count([])
        self._log_in()
        for content, part in (
            (b"", "Choose a PDF file first"),
            (b"PK\x03\x04 a document of a word processor", "This is not a PDF file"),
            (b"<html>%PDF-</html>", "This is not a PDF file"),
            (b"%PDF-" + b"0" * (20 * 1024 * 1024), "larger than 20 MB"),
        ):
            with self.subTest(part):
                self.assertIn(part, self._compare(content, self.token))
        self.assertIn("Choose a PDF file first", self._post("/verify", self.token).text)
        self.assertEqual(self.env["ir.attachment"].search_count([]), before)

    def test_strangers_compare_nothing(self):
        for user, token in ((None, None), (None, "wrong"), (self.other_portal_user, None)):
            with self.subTest(user=user and user.name, token=token):
                self._log_in(user)
                page = self._compare(self.content, token)
                self.assertNotIn("is genuine", page)
                self.assertNotIn(self.contract.name, page)
