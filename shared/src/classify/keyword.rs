//! The keyword rule of the first design, kept as `router = "keyword"`: the baseline every evaluation prints.

use super::heads::Agent;

/// Words for the local model.
const HIGH: [&str; 4] = ["implement", "code", "function", "debug"];
/// Words for the local model, less so.
const MEDIUM: [&str; 4] = ["fix", "update", "modify", "test"];
/// Words for Claude.
const LOW: [&str; 4] = ["analyze", "explain", "design", "architecture"];

/// The phrases that call for an agent, in the order in which they are looked for.
const TRIGGERS: [(Agent, &[&str]); 5] = [
    (Agent::Api, &["test api", "validate contract"]),
    (Agent::Performance, &["load test", "performance"]),
    (Agent::Security, &["security", "vulnerability"]),
    (Agent::Database, &["schema", "migration"]),
    (Agent::General, &["research", "complex workflow"]),
];

/// Returns the score of the words that stand anywhere in the text, also within others: each 3, 2 or -2, once.
#[must_use]
pub fn score(text: &str) -> i32 {
    let text = text.to_lowercase();
    let found =
        |words: [&str; 4], weight: i32| words.iter().filter(|word| text.contains(*word)).map(|_| weight).sum::<i32>();
    found(HIGH, 3) + found(MEDIUM, 2) + found(LOW, -2)
}

/// Whether the rule hands the text to the local model, if there is one.
#[must_use]
pub fn is_local(text: &str, is_available: bool) -> bool {
    score(text) > 0 && is_available
}

/// Returns the first agent one of whose phrases stands in the text.
#[must_use]
pub fn agent(text: &str) -> Option<Agent> {
    let text = text.to_lowercase();
    TRIGGERS.iter().find(|(_, phrases)| phrases.iter().any(|phrase| text.contains(phrase))).map(|(agent, _)| *agent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_scores() {
        for (text, expected) in [
            ("", 0),
            ("hello", 0),
            ("Implement a function", 6),
            ("IMPLEMENT the code, debug the function", 12),
            ("fix the bug", 2),
            ("fix, update, modify and test it", 8),
            ("implement implement", 3),
            ("explain the architecture", -4),
            ("analyze the design, explain the architecture", -8),
            ("fix the design", 0),
            ("decode the latest prefix", 7),
            ("debug why the test fails, then explain", 3),
        ] {
            assert_eq!(score(text), expected, "{text}");
            assert_eq!(is_local(text, true), expected > 0, "{text}");
            assert!(!is_local(text, false), "{text}");
        }
    }

    #[test]
    fn golden_agents() {
        for (text, expected) in [
            ("", None),
            ("write a poem", None),
            ("Test API endpoints", Some(Agent::Api)),
            ("please validate contract changes", Some(Agent::Api)),
            ("run a load test", Some(Agent::Performance)),
            ("Performance of the security check", Some(Agent::Performance)),
            ("a vulnerability", Some(Agent::Security)),
            ("schema migration", Some(Agent::Database)),
            ("research this complex workflow", Some(Agent::General)),
        ] {
            assert_eq!(agent(text), expected, "{text}");
        }
    }
}
