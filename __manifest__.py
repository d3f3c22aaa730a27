{
    "name": "Aftersales",
    "summary": "Service contracts that bill themselves, and the whole after-sales service",
    "version": "19.0.0.1.0",
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
        "security/agreement/agreement_rules.xml",
        "data/agreement/aftersales_clause.xml",
        "wizards/agreement/aftersales_contract_sign_views.xml",
        "reports/agreement/aftersales_contract_reports.xml",
        "reports/agreement/aftersales_contract_templates.xml",
        "views/agreement/aftersales_clause_views.xml",
        "views/agreement/aftersales_contract_version_views.xml",
        # billing
        "data/billing/ir_cron_data.xml",
        "data/billing/mail_activity_type_data.xml",
        "wizards/billing/aftersales_billing_wizard_views.xml",
        "reports/billing/account_invoice_templates.xml",
        "views/billing/account_move_views.xml",
        # compliance
        # change
        # renewal
        "security/renewal/ir.model.access.csv",
        "security/renewal/renewal_rules.xml",
        "data/renewal/aftersales_renewal_step.xml",
        "data/renewal/ir_cron_data.xml",
        "data/renewal/mail_activity_type_data.xml",
        "data/renewal/mail_template_data.xml",
        "wizards/renewal/aftersales_price_adjustment_wizard_views.xml",
        "wizards/renewal/aftersales_renewal_objection_views.xml",
        "views/renewal/aftersales_price_adjustment_views.xml",
        "views/renewal/aftersales_price_index_views.xml",
        "views/renewal/aftersales_renewal_step_views.xml",
        "views/renewal/aftersales_renewal_views.xml",
        # sale
        # portal
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
        # compliance
        # billing
        "demo/billing/billing_history.xml",
        # change
        # renewal
        "demo/renewal/aftersales_price_index.xml",
        "demo/renewal/renewal_history.xml",
        # sale
        # portal
    ],
    "assets": {
        "web.report_assets_common": [
            "aftersales/static/src/scss/report_contract.scss",
        ],
        "web.assets_tests": [
            "aftersales/static/tests/tours/**/*",
        ],
    },
}
