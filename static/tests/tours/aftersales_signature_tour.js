import { registry } from "@web/core/registry";

/** A customer finds the contract on the portal, overlooks a clause, accepts it and signs. */
registry.category("web_tour.tours").add("aftersales_portal_sign", {
    steps: () => [
        {
            content: "The home page says that a contract waits",
            trigger: ".o_portal_my_home a:contains('Service contracts to sign')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Open it",
            trigger: ".o_portal_my_doc_table a:first",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The clause that needs attention stands there with its explanation",
            trigger: "#attention:contains('We pay 1,000 at most.')",
        },
        {
            content: "Unfold the form",
            trigger: "#sign a[href='#aftersales_sign_form']",
            run: "click",
        },
        {
            content: "Enter the name",
            trigger: "#sign .o_web_sign_name_and_signature input",
            run: "edit Nora Northside",
        },
        {
            content: "The name is written as a signature",
            trigger: "#sign canvas.o_web_sign_signature",
            run: "canvasNotEmpty",
        },
        {
            content: "Sign without having accepted the clause",
            trigger: "#sign .o_portal_sign_submit:enabled",
            run: "click",
        },
        {
            content: "The page says what is missing",
            trigger: "#sign .o_portal_sign_error_msg:contains('Still open: Liability')",
        },
        {
            content: "Accept the clause",
            trigger: ".o_aftersales_acknowledge",
            run: "check",
        },
        {
            content: "Sign",
            trigger: "#sign .o_portal_sign_submit:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The page says what happens next",
            trigger: "#aftersales_contract_content:contains('What happens next')",
        },
        {
            content: "There is nothing more to sign",
            trigger: "#aftersales_contract_content:not(:has(#sign))",
        },
    ],
});

/** The officer sees who has signed and countersigns. */
registry.category("web_tour.tours").add("aftersales_countersign", {
    steps: () => [
        {
            content: "The customer has signed, we have not",
            trigger: ".alert:contains('signed by Nora Northside'):contains('have not countersigned yet')",
        },
        {
            content: "Countersign",
            trigger: "button[name='action_countersign']",
            run: "click",
        },
        {
            content: "In one's own name",
            trigger: ".modal .btn-primary",
            run: "click",
        },
        {
            content: "The contract is in force",
            trigger: ".o_statusbar_status button[data-value='active'].o_arrow_button_current",
        },
    ],
});
