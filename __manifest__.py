{
    "name": "Aftersales",
    "summary": "Service contracts that bill themselves, and the whole after-sales service",
    "version": "19.0.0.2.0",
    "category": "Services/After-Sales",
    "author": "Aftersales contributors",
    "license": "LGPL-3",
    "application": True,
    "depends": [
        "repair",
        "maintenance",
        "purchase_stock",
        "account",
        "portal",
        "rating",
        "survey",
        "hr_skills",
        "spreadsheet_dashboard",
    ],
    "data": [
        # base
        "security/base/aftersales_security.xml",
        "security/ir.model.access.csv",
        "views/base/res_config_settings_views.xml",
        # asset
        "security/asset/asset_rules.xml",
        "views/asset/maintenance_equipment_views.xml",
        # contract
        "security/contract/contract_rules.xml",
        "data/contract/ir_sequence_data.xml",
        "data/contract/ir_cron_data.xml",
        "views/contract/aftersales_contract_template_views.xml",
        "views/contract/aftersales_contract_line_views.xml",
        "views/contract/aftersales_obligation_views.xml",
        "views/contract/aftersales_contract_views.xml",
        "views/contract/res_partner_views.xml",
        # agreement
        "security/agreement/ir.model.access.csv",
        "security/agreement/agreement_rules.xml",
        "data/agreement/aftersales_clause.xml",
        "data/agreement/mail_activity_type_data.xml",
        "data/agreement/mail_template_data.xml",
        "data/agreement/ir_cron_data.xml",
        "wizards/agreement/aftersales_contract_sign_views.xml",
        "reports/agreement/aftersales_contract_reports.xml",
        "reports/agreement/aftersales_contract_templates.xml",
        "reports/agreement/aftersales_signature_certificate_templates.xml",
        "views/agreement/aftersales_clause_views.xml",
        "views/agreement/aftersales_contract_version_views.xml",
        # billing
        "data/billing/ir_cron_data.xml",
        "data/billing/mail_activity_type_data.xml",
        "wizards/billing/aftersales_billing_wizard_views.xml",
        "reports/billing/account_invoice_templates.xml",
        "views/billing/account_move_views.xml",
        # compliance
        "security/compliance/ir.model.access.csv",
        "security/compliance/compliance_rules.xml",
        "data/compliance/aftersales_compliance_rule_general.xml",
        "data/compliance/aftersales_compliance_rule_cn.xml",
        "data/compliance/aftersales_compliance_rule_eu.xml",
        "data/compliance/ir_cron_data.xml",
        "data/compliance/mail_activity_type_data.xml",
        "wizards/compliance/aftersales_compliance_review_views.xml",
        "views/compliance/aftersales_compliance_rule_views.xml",
        "views/compliance/aftersales_compliance_check_views.xml",
        # ending
        "security/ending/ir.model.access.csv",
        "security/ending/ending_rules.xml",
        "wizards/ending/aftersales_contract_suspend_views.xml",
        "wizards/ending/aftersales_contract_resume_views.xml",
        "wizards/ending/aftersales_contract_terminate_views.xml",
        "wizards/ending/aftersales_contract_transfer_views.xml",
        "wizards/ending/aftersales_contract_equipment_views.xml",
        "views/ending/aftersales_suspension_views.xml",
        "views/ending/aftersales_termination_views.xml",
        # change
        "security/change/ir.model.access.csv",
        "security/change/change_rules.xml",
        "data/change/ir_sequence_data.xml",
        "data/change/ir_cron_data.xml",
        "data/change/mail_activity_type_data.xml",
        "data/change/mail_template_data.xml",
        "reports/change/aftersales_contract_change_reports.xml",
        "reports/change/aftersales_contract_change_templates.xml",
        "views/change/aftersales_contract_change_views.xml",
        "views/change/portal_templates.xml",
        # renewal
        "security/renewal/ir.model.access.csv",
        "security/renewal/renewal_rules.xml",
        "data/renewal/aftersales_renewal_step.xml",
        "data/renewal/ir_cron_data.xml",
        "data/renewal/mail_activity_type_data.xml",
        "data/renewal/mail_template_data.xml",
        "data/renewal/mail_template_objection_data.xml",
        "wizards/renewal/aftersales_price_adjustment_wizard_views.xml",
        "wizards/renewal/aftersales_renewal_objection_views.xml",
        "views/renewal/aftersales_price_adjustment_views.xml",
        "views/renewal/aftersales_price_index_views.xml",
        "views/renewal/aftersales_renewal_step_views.xml",
        "views/renewal/aftersales_renewal_views.xml",
        "views/renewal/portal_templates.xml",
        # sale
        "security/sale/ir.model.access.csv",
        "views/sale/product_template_views.xml",
        "views/sale/sale_order_views.xml",
        # portal
        "views/agreement/portal_templates.xml",
        "views/agreement/portal_contract_templates.xml",
        # menus
        "views/menus.xml",
    ],
    "demo": [
        # base
        "demo/base/res_company.xml",
        "demo/base/res_currency_rate.xml",
        "demo/base/account_fiscal_position.xml",
        "demo/base/res_partner.xml",
        "demo/base/res_users.xml",
        # asset
        "demo/asset/product_product.xml",
        "demo/asset/stock_lot.xml",
        "demo/asset/maintenance_equipment.xml",
        # contract
        "demo/contract/product_product.xml",
        "demo/contract/product_pricelist.xml",
        # agreement
        "demo/agreement/aftersales_contract_template.xml",
        "demo/agreement/aftersales_contract.xml",
        "demo/agreement/aftersales_contract_life.xml",
        "demo/agreement/contract_signature.xml",
        # compliance
        "demo/compliance/aftersales_compliance_check.xml",
        # billing
        "demo/billing/billing_history.xml",
        # ending
        "demo/ending/aftersales_endings.xml",
        # change
        "demo/change/aftersales_contract_change.xml",
        # renewal
        "demo/renewal/aftersales_price_index.xml",
        "demo/renewal/renewal_history.xml",
        # sale
        "demo/sale/product_template.xml",
        "demo/sale/sale_order.xml",
        # portal
    ],
    "assets": {
        "web.report_assets_common": [
            "aftersales/static/src/scss/report_contract.scss",
        ],
        "web.assets_frontend": [
            "aftersales/static/src/portal/**/*",
        ],
        "web.assets_tests": [
            "aftersales/static/tests/tours/**/*",
        ],
    },
}
