//! What a hook would have decided about the demo's prompts and subagents' calls, with a local model that runs some of the time.

use shared::decision::{Money, Policy, ProjectPolicy, Route, Settings, Task, asks_for_something, decide};
use shared::event::Micros;
use shared::protocol::Decided;
use shared::snapshot::LocalModel;

use super::random::Random;
use super::{MODELS, Moment, NEWER_FOR, SECOND};

/// How long the local model stays as it is.
const SPELL: Micros = 2 * 3600 * SECOND;
/// The stream of numbers that its states are drawn from: beside those of sessions and delegations.
const STREAM: u64 = 1 << 49;
/// The project in which Claude is told of decisions for the local model.
const ADVISED: &str = "/home/dev/payments-api";
/// Nano-dollars a token: a large model of Claude, and electricity here.
const MONEY: Money = Money { claude_input: 5_000.0, claude_output: 25_000.0, local_output: 250.0 };

/// Decides as the hook does, with the settings of one user.
#[derive(Debug)]
pub(crate) struct Decider {
    seed: u64,
    settings: Settings,
    /// When the newer local model came.
    newer_from: Micros,
}

impl Decider {
    /// Returns the hook of a demo that is looked at at `now`.
    pub(crate) fn new(seed: u64, now: Micros) -> Self {
        let advised = ProjectPolicy { dir: ADVISED.to_owned(), policy: Policy::Advise };
        let settings = Settings { projects: vec![advised], money: Some(MONEY), ..Settings::default() };
        Self { seed, settings, newer_from: now - NEWER_FOR }
    }

    /// Returns the decision about the task that an event begins; None where it begins none.
    pub(crate) fn decided(&self, Moment { occurred_at, payload }: &Moment) -> Option<Decided> {
        let project = payload["cwd"].as_str().unwrap_or_default();
        let call = &payload["tool_input"];
        let task = match payload["hook_event_name"].as_str()? {
            "UserPromptSubmit" => Task { text: payload["prompt"].as_str()?, project, ..Task::default() },
            "PreToolUse" if payload["tool_name"] == "Agent" => Task {
                text: call["prompt"].as_str()?,
                project,
                agent: call["subagent_type"].as_str(),
                tool: Some("Agent"),
            },
            _ => return None,
        };
        if !asks_for_something(task.text, payload["source"].as_str()) {
            return None;
        }
        let decision = decide(&task, &self.settings, Some(&self.local_model(*occurred_at)));
        let policy = self.settings.policy_of(project);
        let advised = policy == Policy::Advise && decision.route == Route::Local;
        Some(Decided { decision, policy, advised, downshifted_to: None })
    }

    /// Returns how the local model was: ready, on the disk, or not there.
    fn local_model(&self, at: Micros) -> LocalModel {
        let spell = u64::try_from(at / SPELL).unwrap_or_default();
        let state = match Random::new(self.seed, STREAM + spell).between(1, 10) {
            1..=7 => "ready",
            8 => "loadable",
            _ => "down",
        };
        let available = state != "down";
        let model = MODELS[usize::from(at >= self.newer_from)];
        LocalModel {
            state: state.to_owned(),
            available,
            model: available.then(|| model.to_owned()),
            context_tokens: available.then_some(32_768),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::past;
    use super::*;

    const NOW: Micros = 1_800_000_000 * SECOND;

    fn decided(seed: u64) -> Vec<Decided> {
        let decider = Decider::new(seed, NOW);
        past(seed, 60, NOW).iter().filter_map(|moment| decider.decided(moment)).collect()
    }

    #[test]
    fn prompts_and_calls_of_subagents_are_decided_about_and_go_both_ways() {
        let all = decided(1);
        assert_eq!(all, decided(1));
        let local = all.iter().filter(|one| one.decision.route == Route::Local).count();
        assert!(local > 20 && all.len() - local > 100, "{local} of {}", all.len());
        assert!(all.iter().any(|one| one.decision.local_model_state == "down"));
        assert!(all.iter().all(|one| !one.advised || one.decision.route == Route::Local));
        assert!(all.iter().any(|one| one.advised));
        let models: std::collections::BTreeSet<_> =
            all.iter().filter_map(|one| one.decision.local_model.as_deref()).collect();
        assert_eq!(models.into_iter().collect::<Vec<_>>(), [MODELS[1], MODELS[0]]);
    }

    #[test]
    fn what_begins_no_task_is_not_decided_about() {
        let decider = Decider::new(1, NOW);
        let of = |payload| decider.decided(&Moment { occurred_at: NOW, payload });
        let prompt =
            |prompt: &str| serde_json::json!({ "hook_event_name": "UserPromptSubmit", "cwd": "/w", "prompt": prompt });
        assert!(of(prompt("Fix the total")).is_some());
        assert!(of(prompt("<task-notification>done</task-notification>")).is_none());
        assert!(of(serde_json::json!({ "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": { "command": "ls" } })).is_none());
        assert!(of(serde_json::json!({})).is_none());
    }
}
