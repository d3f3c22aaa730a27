import { registry } from "@web/core/registry";

/** A contract officer takes a draft through review and signature to its first invoice. */
registry.category("web_tour.tours").add("aftersales_contract_to_invoice", {
    steps: () => [
        {
            content: "The draft shows its line and price",
            trigger: ".o_field_widget[name='line_ids'] .o_data_row:contains('Lift maintenance')",
        },
        {
            content: "Hand it to review",
            trigger: "button[name='action_submit']",
            run: "click",
        },
        {
            content: "Approve it",
            trigger: "button[name='action_approve']",
            run: "click",
        },
        {
            content: "Its content is closed now; confirm the signature",
            trigger: "button[name='action_open_sign_wizard']",
            run: "click",
        },
        {
            content: "Without a document the wizard says what to do",
            trigger: ".modal button[name='action_confirm']",
            run: "click",
        },
        {
            content: "Close the explanation",
            trigger: ".modal:contains('attach the signed document') .modal-footer button:contains('Close')",
            run: "click",
        },
        {
            content: "The customer agreed without a document",
            trigger: ".modal .o_field_widget[name='method'] label:contains('without a document')",
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".modal button[name='action_confirm']",
            run: "click",
        },
        {
            content: "The contract is active and knows what it will owe",
            trigger: ".o_statusbar_status button[data-value='active'].o_arrow_button_current",
        },
        {
            content: "Invoice what is due",
            trigger: "button[name='action_bill']",
            run: "click",
        },
        {
            content: "The invoice exists; the officer reads no books and is told so",
            trigger: ".o_notification:contains('Invoices created: 1')",
        },
    ],
});
