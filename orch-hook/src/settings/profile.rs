//! Which events the hook is registered for.

use clap::ValueEnum;

/// How much is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Profile {
    /// Sessions, prompts, every tool call, subagents, ends: what the dashboard is made for.
    Standard,
    /// Only the start of subagents.
    Light,
    /// Every event that is worth having.
    Full,
}

/// One registration: the event, and the tools it is limited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Registration {
    /// Claude Code's name of the event.
    pub event: &'static str,
    /// The tools; None for all.
    pub matcher: Option<&'static str>,
}

const STANDARD: [&str; 14] = [
    "SessionStart",
    "UserPromptSubmit",
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "PermissionRequest",
    "SubagentStart",
    "SubagentStop",
    "Stop",
    "StopFailure",
    "Notification",
    "PostCompact",
    "PostModelSwitch",
    "SessionEnd",
];

/// Beside the standard ones. Left out on purpose: MessageDisplay starts a process per text flush; PostToolBatch repeats
/// every result; PreModelSwitch says what PostModelSwitch says; WorktreeCreate and WorktreeRemove expect the hook to do
/// the work; FileChanged fires only for files that a hook asks to watch.
const FULL: [&str; 13] = [
    "Setup",
    "UserPromptExpansion",
    "PermissionDenied",
    "PreCompact",
    "TaskCreated",
    "TaskCompleted",
    "InstructionsLoaded",
    "CwdChanged",
    "ConfigChange",
    "DirectoryAdded",
    "TeammateIdle",
    "Elicitation",
    "ElicitationResult",
];

impl Profile {
    /// Returns what the profile registers, in the order it is written.
    #[must_use]
    pub(super) fn registrations(self) -> Vec<Registration> {
        let all = |event: &&'static str| Registration { event, matcher: None };
        match self {
            Self::Light => vec![Registration { event: "PreToolUse", matcher: Some("Agent") }],
            Self::Standard => STANDARD.iter().map(all).collect(),
            Self::Full => STANDARD.iter().chain(&FULL).map(all).collect(),
        }
    }

    /// Returns the profile that these registered events come from; none or others: the standard one.
    pub(super) fn of(events: &[String]) -> Self {
        match events {
            [only] if only == "PreToolUse" => Self::Light,
            events if events.iter().any(|event| FULL.contains(&event.as_str())) => Self::Full,
            _ => Self::Standard,
        }
    }

    /// Returns the name as the user writes it.
    #[must_use]
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Light => "light",
            Self::Full => "full",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_known_by_its_events() {
        for profile in [Profile::Standard, Profile::Light, Profile::Full] {
            let events: Vec<_> = profile.registrations().iter().map(|one| one.event.to_owned()).collect();
            assert_eq!(Profile::of(&events), profile);
        }
        assert_eq!(Profile::of(&[]), Profile::Standard);
    }

    #[test]
    fn each_profile_names_an_event_once_and_never_the_dear_ones() {
        for profile in [Profile::Standard, Profile::Light, Profile::Full] {
            let mut events: Vec<_> = profile.registrations().iter().map(|one| one.event).collect();
            for dear in ["MessageDisplay", "PostToolBatch", "WorktreeCreate"] {
                assert!(!events.contains(&dear), "{profile:?} has {dear}");
            }
            let written = events.len();
            events.sort_unstable();
            events.dedup();
            assert_eq!(events.len(), written, "{profile:?}");
        }
        assert_eq!(Profile::Standard.registrations().len(), 14);
    }
}
