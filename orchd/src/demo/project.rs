//! The projects of the demo and what is asked in them.

/// A project.
#[derive(Debug)]
pub(super) struct Project {
    /// Its folder.
    pub(super) dir: &'static str,
    /// Files that are read and edited.
    pub(super) files: &'static [&'static str],
    /// What its user asks.
    pub(super) asks: &'static [&'static str],
}

pub(super) const MODELS: [&str; 3] = ["claude-opus-5-5", "claude-sonnet-5-5", "claude-opus-5-5"];

pub(super) const PROJECTS: [Project; 5] = [
    Project {
        dir: "/home/dev/webshop",
        files: &["src/cart/total.ts", "src/cart/discount.ts", "src/checkout/address.ts"],
        asks: &[
            "The cart rounds negative amounts wrong. Find it and fix it.",
            "What does discount.ts do with two discounts?",
            "Why does checkout reload when the address changes?",
            "Rename `price` to `net_price` everywhere in the cart.",
            "Make the total readable for screen readers.",
        ],
    },
    Project {
        dir: "/home/dev/payments-api",
        files: &["src/refund.rs", "src/ledger.rs", "src/webhook.rs"],
        asks: &[
            "A refund is booked twice when the webhook comes again. Make it idempotent.",
            "Write a test for an empty ledger.",
            "Which test covers a late webhook?",
            "Write the migration for the new refund states.",
        ],
    },
    Project {
        dir: "/home/dev/data-pipeline",
        files: &["jobs/load_orders.py", "jobs/dedupe.py", "lib/dates.py"],
        asks: &[
            "The nightly load is slow since Monday. Find out why.",
            "Parse dates without a zone as UTC and warn once.",
            "Split load_orders into reading and writing.",
            "Which jobs read the old orders table?",
            "What does dedupe.py do with late rows?",
            "Write a test for dates without a zone.",
        ],
    },
    Project {
        dir: "/home/dev/docs-site",
        files: &["content/install.md", "content/upgrade.md", "theme/nav.js"],
        asks: &[
            "Shorten the installation page; keep the three commands.",
            "Check all links of the upgrade guide.",
            "Make the navigation work with the keyboard.",
            "What does nav.js do?",
        ],
    },
    Project {
        dir: "/home/dev/infra",
        files: &["modules/queue/main.tf", "deploy/roll.sh", "alerts/disk.yaml"],
        asks: &[
            "Alert when a disk will be full within a day.",
            "Roll back automatically when the health check fails twice.",
            "List what still uses the old queue module.",
            "What does roll.sh do?",
            "Write a test for an empty queue.",
        ],
    },
];
