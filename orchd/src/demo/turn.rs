//! One turn of a session: a recorded sequence of payloads with its names filled in and its times laid out.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;
use shared::event::Micros;

use super::project::Project;
use super::random::Random;
use super::{Moment, SECOND};

const RECORDED: &str = include_str!("../../demo/turns.jsonl");

const MILLISECOND: Micros = 1000;

#[derive(Deserialize)]
struct Line {
    turn: String,
    payload: Value,
}

static LINES: LazyLock<Vec<Line>> = LazyLock::new(|| {
    let parsed: Result<Vec<_>, _> = RECORDED.lines().map(serde_json::from_str).collect();
    parsed.expect("the embedded recording is JSON, which a test holds")
});

/// Who speaks: what stays the same in a session.
#[derive(Debug, Clone)]
pub(super) struct Speaker {
    pub(super) session_id: String,
    pub(super) project: &'static Project,
    pub(super) model: &'static str,
}

/// Returns the moments of the turn `name` that begins at `begins_at`.
pub(super) fn moments(name: &str, speaker: &Speaker, begins_at: Micros, random: &mut Random) -> Vec<Moment> {
    let names = Names::new(speaker, random);
    let mut moments: Vec<Moment> = Vec::new();
    let mut at = begins_at;
    for line in LINES.iter().filter(|line| line.turn == name) {
        let mut payload = filled(&line.payload, &names);
        let before = moments.last().map(|moment| &moment.payload);
        if let Some(before) = before {
            at += pause(name, before, &payload, random);
        }
        if let Some(took) = took(&moments, &payload, at) {
            payload["duration_ms"] = took.into();
        }
        moments.push(Moment { occurred_at: at, payload });
    }
    moments
}

fn text<'a>(payload: &'a Value, key: &str) -> &'a str {
    payload.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// How long the client waits between two events, by what happens in between.
fn pause(turn: &str, before: &Value, next: &Value, random: &mut Random) -> Micros {
    let (before, event) = (text(before, "hook_event_name"), text(next, "hook_event_name"));
    match (before, event) {
        // The user thinks before allowing.
        ("Notification", _) => random.between(25, 70) * SECOND,
        (_, "Notification") => 6 * SECOND,
        (_, "PermissionRequest") => random.between(5, 40) * MILLISECOND,
        (_, "SubagentStop") if turn == "background" => random.between(40, 90) * SECOND,
        (_, "SubagentStart") => random.between(30, 90) * MILLISECOND,
        (_, "PostToolUse" | "PostToolUseFailure") => match text(next, "tool_name") {
            "Bash" => random.between(300, 14_000) * MILLISECOND,
            _ => random.between(4, 90) * MILLISECOND,
        },
        // The model thinks.
        _ => random.between(900, 6500) * MILLISECOND,
    }
}

/// Returns how long the call took that this payload ends, in milliseconds, as the client tells it.
fn took(moments: &[Moment], payload: &Value, at: Micros) -> Option<Micros> {
    payload.get("duration_ms")?;
    let id = text(payload, "tool_use_id");
    let asked = moments.iter().any(|moment| text(&moment.payload, "hook_event_name") == "PermissionRequest");
    let begun = moments.iter().find(|moment| text(&moment.payload, "tool_use_id") == id)?;
    // Waiting for the user is not the tool's time.
    (!asked).then_some((at - begun.occurred_at) / MILLISECOND)
}

struct Names {
    pairs: Vec<(&'static str, String)>,
    ids: String,
}

impl Names {
    fn new(speaker: &Speaker, random: &mut Random) -> Self {
        let file = (*random.pick(speaker.project.files)).to_owned();
        let (folder, name) = file.rsplit_once('/').unwrap_or(("", &file));
        let pairs = vec![
            ("@session@", speaker.session_id.clone()),
            ("@project@", speaker.project.dir.to_owned()),
            ("@slug@", speaker.project.dir.replace('/', "-")),
            ("@model@", speaker.model.to_owned()),
            ("@test@", format!("tests/{}_{name}", folder.replace('/', "_"))),
            ("@file@", file.clone()),
            ("@ask@", (*random.pick(speaker.project.asks)).to_owned()),
        ];
        Self { pairs, ids: format!("{:016x}", random.next()) }
    }

    /// Fills `@tool:3@` and its like with ids of this turn, in the client's forms.
    fn fill(&self, text: &str) -> String {
        let mut text = self.pairs.iter().fold(text.to_owned(), |text, (mark, name)| text.replace(mark, name));
        for number in 0..8_u64 {
            let prompt =
                format!("{}-{}-4{:03x}-8000-{:012x}", &self.ids[..8], &self.ids[8..12], number, 0xdec0_0000 + number);
            for (mark, id) in [
                (format!("@tool:{number}@"), format!("toolu_01{}{number:02}", self.ids)),
                (format!("@agent:{number}@"), format!("a{}{number}", &self.ids[..15])),
                (format!("@prompt:{number}@"), prompt),
            ] {
                text = text.replace(&mark, &id);
            }
        }
        text
    }
}

fn filled(value: &Value, names: &Names) -> Value {
    match value {
        Value::String(text) if text.contains('@') => Value::String(names.fill(text)),
        Value::Array(items) => items.iter().map(|item| filled(item, names)).collect(),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(key, field)| (key.clone(), filled(field, names))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::project::PROJECTS;
    use super::*;

    fn speaker() -> Speaker {
        Speaker { session_id: "5".into(), project: &PROJECTS[0], model: "m" }
    }

    #[test]
    fn every_turn_is_filled_in_and_in_order() {
        assert!(RECORDED.len() < 200_000);
        for name in
            ["start", "read", "fix", "parallel", "agents", "background", "ask", "denied", "quick", "compact", "end"]
        {
            let moments = moments(name, &speaker(), 7, &mut Random::new(1, 1));
            assert!(!moments.is_empty(), "{name}");
            assert!(moments.is_sorted_by_key(|moment| moment.occurred_at), "{name}");
            for moment in &moments {
                let text = moment.payload.to_string();
                assert!(!text.contains('@'), "{text}");
                assert!(text.contains("\"session_id\":\"5\""), "{text}");
            }
        }
    }

    #[test]
    fn calls_take_the_time_between_their_events() {
        let moments = moments("quick", &speaker(), 0, &mut Random::new(3, 1));
        let (pre, post) = (&moments[1], &moments[2]);
        assert_eq!(text(&post.payload, "hook_event_name"), "PostToolUse");
        assert_eq!(post.payload["tool_use_id"], pre.payload["tool_use_id"]);
        assert_eq!(post.payload["duration_ms"], (post.occurred_at - pre.occurred_at) / MILLISECOND);
    }

    #[test]
    fn the_same_seed_gives_the_same_turn() {
        let of = |seed| moments("agents", &speaker(), 0, &mut Random::new(seed, 1));
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }
}
