import hashlib
import io
from unittest.mock import patch

from odoo.tests import HttpCase
from odoo.tools.pdf import PdfFileReader

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from .portal_common import SignatureCommon
from .test_signature_mail import LOGGER, VERSION


class TestSignedCopyMail(SignatureCommon):
    """When the signed copy is made, and that its failure never touches a signature."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_to_sign()
        cls.contract.contact_id = cls.portal_user.partner_id
        cls.version = cls.contract.version_id.sudo()
        cls.cron = cls.env.ref("aftersales.ir_cron_mail_signed_copies")

    def _get_triggers(self):
        return self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.cron.id)])

    def _run(self):
        with self._print_one_page():
            return self._run_cron("_cron_mail_signed_copies", VERSION)

    def _sign_by_both(self):
        with self._print_one_page():
            self._sign_online(self.contract)
        self.contract.action_countersign()

    def test_second_signature_sets_the_copy_going(self):
        before = self._get_triggers()
        self._sign_online(self.contract)
        self.assertEqual(self._get_triggers(), before)
        with self.assertRefused("not signed by both parties"):
            self.version._ensure_signed_copy()

        self.contract.action_countersign()

        self.assertEqual(self._get_triggers(), before + 1)
        self.assertFalse(self.version.signed_copy_id)

    def test_copy_goes_to_both_parties_once(self):
        self._sign_by_both()

        self._run()
        self._run()

        messages = self.contract.message_ids.filtered("notified_partner_ids").sorted("id")
        self.assertEqual(messages[-2].notified_partner_ids, self.portal_user.partner_id)
        self.assertEqual(messages[-1].notified_partner_ids, self.officer.partner_id)
        self.assertEqual(
            len(messages.filtered(lambda m: self.version.signed_copy_id in m.attachment_ids)), 2,
        )
        self.assertEqual(messages[-2].subject, (
            f"Signed by both: contract {self.contract.name} with {self.company.name}"
        ))
        self.assertEqual(messages[-1].subject, (
            f"Signed by both: contract {self.contract.name} with Northside Clinic"
        ))
        self.assertEqual(str(self.version.signed_copy_mailed_on), "2026-01-15 09:00:00")

    def test_copy_in_the_language_of_each(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.customer.lang = "zh_CN"
        template = self.env.ref("aftersales.mail_template_signed_copy_customer")
        template.with_context(lang="zh_CN").subject = "双方已签署：{{ object.name }}"
        self._sign_by_both()

        self._run()

        subjects = self.contract.message_ids.filtered("notified_partner_ids").mapped("subject")
        self.assertIn(f"双方已签署：{self.contract.name}", subjects)
        self.assertIn(
            f"Signed by both: contract {self.contract.name} with Northside Clinic", subjects,
        )

    def test_failure_leaves_the_signature_and_is_tried_again(self):
        self._sign_by_both()

        with patch.object(
            type(self.contract), "_post_mail", side_effect=MailDeliveryException("No mail today"),
        ), self.assertLogs(LOGGER, "ERROR"):
            self._run()

        self.assertEqual(self.contract.state, "active")
        self.assertEqual(self.version.state, "signed")
        self.assertFalse(self.version.signed_copy_mailed_on)
        self._run()
        self.assertTrue(self.version.signed_copy_mailed_on)

    def test_paper_is_not_mailed_by_itself(self):
        before = self._get_triggers()
        self._sign(self.contract)

        self._run()

        self.assertEqual(self._get_triggers(), before)
        self.assertFalse(self.version.signed_copy_id)

    def test_copy_is_evidence(self):
        self._sign_by_both()
        self._run()
        copy = self.version.signed_copy_id

        with self.assertRefused(self.contract.name, "cannot be changed"):
            copy.with_user(self.officer).raw = b"%PDF forged"
        with self.assertRefused(self.contract.name, "cannot be changed"):
            copy.unlink()
        with self.assertRefused("is closed"):
            self.version.signed_copy_hash = "0" * 64

        self.assertEqual(
            self.version._verify(), {"content": True, "document": True, "signed_copy": True},
        )
        copy.raw = b"%PDF forged"
        self.assertIs(self.version._verify()["signed_copy"], False)
        self.assertEqual(self.version.action_verify()["params"]["type"], "danger")

    def test_files_are_identified(self):
        scan = self.env["ir.attachment"].create({"name": "paper.pdf", "raw": b"%PDF paper"})
        self._sign_by_both()
        self._run()
        self.version.scan_ids = scan

        self.assertEqual(
            [self.version._identify(data)[1] for data in (
                self.version.document_id.raw, self.version.signed_copy_id.raw, b"%PDF paper",
                b"%PDF other",
            )],
            ["document", "signed_copy", "scan", False],
        )


class TestSignedCopyPdf(SignatureCommon, HttpCase):
    """The pages themselves, printed."""

    def _print(self, contract):
        """Return document and signed copy of a contract signed online, and the copy's pages."""
        version = contract.sudo().version_id.with_context(force_report_rendering=True)
        version._ensure_document()
        self._sign_online(contract)
        contract.action_countersign()
        copy = version._ensure_signed_copy()
        pages = PdfFileReader(io.BytesIO(copy.raw)).pages
        return version, [" ".join(page.extractText().split()) for page in pages]

    def test_certificate_follows_the_unchanged_document(self):
        contract = self._create_to_sign()

        version, pages = self._print(contract)

        document = PdfFileReader(io.BytesIO(version.document_id.raw)).pages
        self.assertEqual(
            pages[:-1], [" ".join(page.extractText().split()) for page in document],
        )
        self.assertEqual(
            version.document_hash, hashlib.sha256(version.document_id.raw).hexdigest(),
        )
        self.assertEqual(
            version.signed_copy_hash, hashlib.sha256(version.signed_copy_id.raw).hexdigest(),
        )
        fingerprint = version.document_hash
        for part in (
            "Signature Certificate", contract.name, "Northside Clinic", "Nora Northside",
            "2026-01-15 09:00 UTC", "Drawn online", "192.0.2.7",
            "Portal login test_portal", "Olga Officer", "test_officer", "Liability",
            fingerprint[:8], fingerprint[-8:],
        ):
            with self.subTest(part):
                self.assertIn(part, pages[-1])

    def test_certificate_in_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.customer.write({"lang": "zh_CN", "name": "上海瑞康医疗设备有限公司"})
        contract = self._create_to_sign(subject="电梯维保")

        version, pages = self._print(contract)

        self.assertIn("上海瑞康医疗设备有限公司", pages[-1])
        self.assertIn("电梯维保", pages[-1])
        self.assertEqual(version.signed_copy_id.mimetype, "application/pdf")
