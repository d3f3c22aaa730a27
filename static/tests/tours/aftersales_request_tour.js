import { registry } from "@web/core/registry";

/** A customer reports a fault; a known solution is offered, but the request is sent. */
registry.category("web_tour.tours").add("aftersales_portal_report", {
    steps: () => [
        {
            content: "After-sales on the home page",
            trigger: ".o_portal_my_home a[href='/my/aftersales']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Report something",
            trigger: ".o_aftersales_home a[href='/my/aftersales/requests/new']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Say what it is about",
            trigger: "#request_subject",
            run: "edit Pump hums",
        },
        {
            content: "A known solution is offered while one types",
            trigger: ".o_aftersales_suggestions:not(.d-none) a:contains('Pump hums and does not turn')",
        },
        {
            content: "Choose the unit; its serial number need not be typed then",
            trigger: "#request_equipment",
            run: "selectByLabel Pump 1/SN-0001",
        },
        {
            content: "There is no question for the serial number any more",
            trigger: ".o_aftersales_serial.d-none:not(:visible)",
        },
        {
            content: "Describe it",
            trigger: "#request_description",
            run: "edit It hums and does not turn.",
        },
        {
            content: "It stops the work",
            trigger: "#request_impact",
            run: "selectByIndex 0",
        },
        {
            content: "Send",
            trigger: ".o_aftersales_request_form [type='submit']:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The page says what we promise",
            trigger: ".o_aftersales_request:contains('We have received your request.') #promises",
        },
    ],
});

/** The agent answers with the known solution, which resolves the request. */
registry.category("web_tour.tours").add("aftersales_agent_resolve", {
    steps: () => [
        {
            content: "Answer with a known solution",
            trigger: "button[name='action_answer_with_solution']",
            run: "click",
        },
        {
            content: "The one that fits is chosen already",
            trigger: ".modal [name='solution_id'] input:value('Pump hums and does not turn')",
        },
        {
            content: "Resolve with it",
            trigger: ".modal [name='after_reply'] input[data-value='resolved']",
            run: "check",
        },
        {
            content: "Send",
            trigger: ".modal button[name='action_send']",
            run: "click",
        },
        {
            content: "It is resolved",
            trigger: "body:not(:has(.modal)) .o_statusbar_status button[data-value='resolved'].o_arrow_button_current",
        },
    ],
});

/** The customer sees the answer, confirms and rates. */
registry.category("web_tour.tours").add("aftersales_portal_confirm", {
    steps: () => [
        {
            content: "The home page says whose turn it is",
            trigger: ".o_portal_my_home a:contains('Service requests waiting for you')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Open the request",
            trigger: ".o_portal_my_doc_table a:first",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "What was done stands there",
            trigger: "#resolution:contains('Change the capacitor.')",
        },
        {
            content: "Yes, it is solved",
            trigger: ".o_aftersales_confirm",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Four stars",
            trigger: "#rating label[for='star_4']",
            run: "click",
        },
        {
            content: "Say why",
            trigger: "#rating_feedback",
            run: "edit Quick and friendly",
        },
        {
            content: "Send the rating",
            trigger: ".o_aftersales_rating_form [type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is stored; there is nothing more to rate",
            trigger: ".o_aftersales_request:contains('Thank you for your rating.'):not(:has(.o_aftersales_rating_form)) #rating:contains('Quick and friendly')",
        },
    ],
});

/** A customer comes away from the form, comes back by the label of a unit, and sends. */
registry.category("web_tour.tours").add("aftersales_portal_draft", {
    steps: () => [
        {
            content: "Say what it is about",
            trigger: "#request_subject",
            run: "edit Pump hums",
        },
        {
            content: "It stops the work",
            trigger: "#request_impact",
            run: "selectByIndex 0",
        },
        {
            content: "Leave the form",
            trigger: ".o_aftersales_request_form a[href='/my/aftersales']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Look at the equipment",
            trigger: ".o_aftersales_home a[href='/my/aftersales/equipment']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Open the unit",
            trigger: ".o_portal_my_doc_table a:contains('Pump 1')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Report a fault of it",
            trigger: ".o_aftersales_equipment a:contains('Report or ask something')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "What was typed is still here, and the page says so",
            trigger: ".o_aftersales_restored:not(.d-none)",
        },
        {
            content: "Subject and unit are filled in",
            trigger:
                ".o_aftersales_request_form:has(#request_subject:value('Pump hums')):has(#request_equipment option:checked:contains('Pump 1'))",
        },
        {
            content: "Something is open about this unit already",
            trigger: ".o_aftersales_open_request:not(.d-none) a:contains('The pump does not start')",
        },
        {
            content: "Send it all the same",
            trigger: ".o_aftersales_request_form [type='submit']:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It has arrived",
            trigger: ".o_aftersales_received",
        },
        {
            content: "Back to the form",
            trigger: ".breadcrumb a[href='/my/aftersales']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Report something else",
            trigger: ".o_aftersales_home a[href='/my/aftersales/requests/new']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The form is empty again",
            trigger: ".o_aftersales_request_form:has(.o_aftersales_restored.d-none:not(:visible)) #request_subject:placeholder-shown",
        },
    ],
});
