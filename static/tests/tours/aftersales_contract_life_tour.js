import { registry } from "@web/core/registry";

/** The life of one contract, by mouse: each tour is a day on which somebody does something. */
const tours = registry.category("web_tour.tours");
const form = ".o_form_view";
const dialog = ".modal:not(.o_inactive_modal)";

const state = (name) => ({
    content: `The status is now “${name}”`,
    trigger: `.o_statusbar_status button[data-value='${name}'].o_arrow_button_current`,
});

const click = (content, trigger) => ({ content, trigger, run: "click" });

const edit = (content, trigger, value) => ({ content, trigger, run: `edit ${value}` });

/** A date is a button until it is clicked. */
const editDate = (content, name, value) => [
    click("Click the date", `${dialog} .o_field_widget[name='${name}'] [data-field='${name}']`),
    {
        content,
        trigger: `${dialog} .o_field_widget[name='${name}'] input`,
        run: `edit ${value} && press Enter`,
    },
];

const save = () => [
    click("Save", ".o_form_button_save:enabled"),
    { content: "It is saved", trigger: ".o_form_saved" },
];

/** Choose what shall be done to a contract in force. */
const choose = (name) => [
    click("What can be done to it?", "button[name='action_open_choices']"),
    click(`Choose “${name}”`, `${dialog} button:has(.fw-bold:contains('${name}'))`),
];

/** Choose what is done by a wizard. */
const openWizard = (name) => [
    ...choose(name),
    { content: "The wizard is open", trigger: `${dialog} button[name='action_confirm']` },
];

const signByName = (submit) => [
    edit("Enter the name", ".o_web_sign_name_and_signature input", "Nora Northside"),
    {
        content: "The name is written as a signature",
        trigger: "canvas.o_web_sign_signature",
        run: "canvasNotEmpty",
    },
    {
        content: submit,
        trigger: ".o_portal_sign_submit:enabled",
        run: "click",
        expectUnloadPage: true,
    },
];

// -----------------------------------------------------------------------------
// Draft and review
// -----------------------------------------------------------------------------

tours.add("aftersales_life_submit_and_mend", {
    steps: () => [
        click("Hand the draft to review", "button[name='action_submit']"),
        state("review"),
        click("See what the rules say", ".nav-link[name='compliance']"),
        {
            content: "One failed, with its reason and its remedy",
            trigger: ".o_data_row:contains('Failed'):contains('1,000.00'):contains('Lower the deposit')",
        },
        click("Try to approve all the same", "button[name='action_approve']"),
        click(
            "It is refused with every reason",
            `.modal:contains('Lower the deposit'):contains('May the person who signs') .modal-footer button:contains('Close')`
        ),
        state("review"),
        click("Go to the terms", ".nav-link[name='terms']"),
        edit("Lower the deposit", ".o_field_widget[name='deposit_amount'] input", "700"),
        ...save(),
        click("Check again", "button[name='action_check_compliance']"),
        click("See what the rules say now", ".nav-link[name='compliance']"),
        {
            content: "The deposit passes",
            trigger: ".o_data_row:contains('Passed'):contains('700.00')",
        },
        {
            content: "A question is left for Legal",
            trigger: ".o_data_row:contains('To answer'):contains('May the person who signs')",
        },
    ],
});

tours.add("aftersales_life_approve", {
    steps: () => [
        click("See what the rules say", ".nav-link[name='compliance']"),
        click(
            "Answer the question with yes",
            ".o_data_row:contains('May the person who signs') button[name='action_answer_yes']"
        ),
        {
            content: "Nothing is open any more",
            trigger: ".o_field_widget[name='compliance_check_ids']:not(:contains('To answer'))",
        },
        click("Approve", "button[name='action_approve']"),
        state("to_sign"),
    ],
});

// -----------------------------------------------------------------------------
// Signature; the customer's tour and the countersignature are those of the agreement
// -----------------------------------------------------------------------------

tours.add("aftersales_life_invite", {
    steps: () => [
        {
            content: "Nobody was asked yet",
            trigger: ".alert:contains('Nobody has been asked by mail.')",
        },
        click("Send it to the customer", "button[name='action_send_to_sign']"),
        {
            content: "The document is attached",
            trigger: `${dialog} .o_mail_composer_form_view a:contains('-v1.pdf'), ${dialog} .o_mail_composer_form_view .o-mail-AttachmentContainer:contains('-v1.pdf')`,
        },
        click("Send", `${dialog} .o_mail_send:enabled`),
        { content: "The form says when", trigger: ".alert:contains('Asked on')" },
    ],
});

// -----------------------------------------------------------------------------
// Change
// -----------------------------------------------------------------------------

tours.add("aftersales_life_request_change", {
    steps: () => [
        ...choose("Request Change"),
        { content: "A draft is open", trigger: `${form} .o_field_widget[name='date_effective']` },
        edit(
            "Say why",
            ".o_field_widget[name='reason'] textarea",
            "The clinic has a second lift."
        ),
        edit("Say when", ".o_field_widget[name='date_effective'] input", "03/17/2026"),
        click("Go to services and prices", ".nav-link[name='services']"),
        click(
            "Change a line",
            ".o_field_widget[name='service_line_ids'] .o_field_x2many_list_row_add a"
        ),
        click(
            "Which one?",
            `${dialog} .o_field_widget[name='contract_line_id'] input`
        ),
        click("The first lift", ".o-autocomplete--dropdown-item:contains('Lift 1')"),
        {
            content: "Its price stands there",
            trigger: `${dialog} .o_field_widget[name='price_unit'] input:value(310.00)`,
        },
        edit("Lower it", `${dialog} .o_field_widget[name='price_unit'] input`, "279"),
        click("Done", `${dialog} .o_form_button_save`),
        {
            content: "Before and after stand in the list",
            trigger:
                ".o_field_widget[name='service_line_ids'] .o_data_row:contains('310.00'):contains('279.00')",
        },
        click(
            "And another one",
            ".o_field_widget[name='service_line_ids'] .o_field_x2many_list_row_add a"
        ),
        click("A new line", `${dialog} .o_field_widget[name='operation'] label:contains('Add')`),
        edit(
            "Look for the service",
            `${dialog} .o_field_widget[name='product_id'] input`,
            "Maintenance plan"
        ),
        click("Choose it", ".o-autocomplete--dropdown-item:contains('Maintenance plan')"),
        edit("Name it", `${dialog} .o_field_widget[name='name'] textarea`, "Lift 2"),
        edit("Its price", `${dialog} .o_field_widget[name='price_unit'] input`, "93"),
        click("Done", `${dialog} .o_form_button_save`),
        {
            content: "Both stand in the list",
            trigger: ".o_field_widget[name='service_line_ids']:contains('Lift 1'):contains('Lift 2')",
        },
        click("What does it bring about?", "button[name='action_reckon']"),
        click("See the effects", ".nav-link[name='effects']"),
        {
            content: "150 back, 180 charged",
            trigger:
                ".tab-pane.active:contains('4,464.00'):contains('150.00'):contains('180.00')",
        },
        click("See the comparison", ".nav-link[name='comparison']"),
        {
            content: "Before and after stand side by side",
            trigger: ".o_field_widget[name='comparison']:contains('310.00'):contains('279.00')",
        },
        click("Hand it to review", "button[name='action_submit']"),
        state("review"),
    ],
});

tours.add("aftersales_life_approve_change", {
    steps: () => [click("Approve it", "button[name='action_approve']"), state("to_confirm")],
});

tours.add("aftersales_life_confirm_change", {
    steps: () => [
        {
            content: "Go to the contracts",
            trigger: ".o_portal_my_home a[href='/my/aftersales/contracts']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Open the contract",
            trigger: ".o_portal_my_doc_table a:first",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Open the change that waits",
            trigger: "#aftersales_contract_sections a[href*='/my/aftersales/changes/']:first",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Read before and after",
            trigger: "[data-testid='aftersales-change']:contains('310.00'):contains('279.00')",
        },
        ...signByName("Confirm and sign"),
        {
            content: "The page thanks",
            trigger: ".alert:contains('Your confirmation is recorded')",
        },
    ],
});

tours.add("aftersales_life_countersign_change", {
    steps: () => [
        click("Countersign", "button[name='action_countersign']"),
        click("Yes", ".modal .btn-primary"),
        state("agreed"),
    ],
});

// -----------------------------------------------------------------------------
// Renewal with 5 % more
// -----------------------------------------------------------------------------

tours.add("aftersales_life_renew", {
    steps: () => [
        click("Renew the contract", "button[name='action_renew']"),
        {
            content: "The next term is proposed",
            trigger: `${form} .o_field_widget[name='price_percent'] input`,
        },
        edit("Ask for 5 % more", ".o_field_widget[name='price_percent'] input", "5"),
        ...save(),
        {
            content: "The new prices follow",
            trigger: ".o_field_widget[name='line_ids']:contains('292.95'):contains('97.65')",
        },
        click("Offer it", "button[name='action_offer']"),
        click("Yes", ".modal .btn-primary"),
        state("offered"),
    ],
});

tours.add("aftersales_life_agree_renewal", {
    steps: () => [
        click("Confirm the signature", "button[name='action_open_sign_wizard']"),
        edit("Who signed", `${dialog} .o_field_widget[name='signed_by'] input`, "Nora Northside"),
        click("By word", `${dialog} .o_field_widget[name='method'] input[data-value='word']`),
        click("Confirm", `${dialog} button[name='action_confirm']`),
        state("agreed"),
    ],
});

// -----------------------------------------------------------------------------
// Suspension and end
// -----------------------------------------------------------------------------

tours.add("aftersales_life_suspend", {
    steps: () => [
        ...openWizard("Suspend"),
        ...editDate("From", "date_from", "04/11/2027"),
        ...editDate("Until", "date_to", "05/10/2027"),
        click(
            "What was invoiced is given back",
            `${dialog} .o_field_widget[name='policy'] label:contains('credited where already')`
        ),
        edit("Why", `${dialog} .o_field_widget[name='reason'] input`, "Renovation"),
        {
            content: "What will be credited stands there",
            trigger: `${dialog} .o_field_widget[name='credit_label']:contains('260.40')`,
        },
        click("Suspend", `${dialog} button[name='action_confirm']`),
        { content: "The wizard is closed", trigger: "body:not(:has(.modal))" },
        { content: "The contract goes on until then", ...state("active") },
    ],
});

tours.add("aftersales_life_terminate", {
    steps: () => [
        ...openWizard("Terminate"),
        click("On which ground?", `${dialog} .o_field_widget[name='ground'] input`),
        click("By notice", ".o_select_menu_item:contains('Ordinary notice')"),
        click("By whom?", `${dialog} .o_field_widget[name='side'] input`),
        click("By the customer", ".o_select_menu_item:contains('The customer')"),
        ...editDate("Received on", "date_notice", "05/21/2027"),
        {
            content: "The notice decides on the last covered day, and what is given back",
            trigger: `${dialog} .o_field_widget[name='credit_label']:contains('130.20')`,
        },
        click("Terminate", `${dialog} button[name='action_confirm']`),
        {
            content: "It can still be withdrawn",
            trigger: "button[name='action_withdraw_termination']",
        },
    ],
});
