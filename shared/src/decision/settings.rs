//! What decisions go by: the user's settings, what was fitted to their own outcomes, and prices. The daemon tells them in its snapshot.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::estimate::Money;
use super::rules::{Rule, SensitivePath, is_in};

/// Probability of being as good below which nothing goes to the local model, unless the settings say otherwise.
pub const USUAL_MIN_CONFIDENCE: f64 = 0.6;

/// The probability from which on the quality floor of 98 % holds on rows of the kind that the heads were fitted to: what goes by until the
/// user's own log is long enough. Got as `orchd` gets the user's own: the smallest threshold at which the tasks above it are expected to
/// lose 2 % of all, by the embedded weights, on the 837 rows of `route_val.jsonl.gz` (0.845; on those of `route_test.jsonl.gz` 0.803).
/// `cargo bench -p orchd --bench refit` prints it.
pub const USUAL_THRESHOLD: f64 = 0.85;

/// Which rule recommends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// The calibrated heads.
    #[default]
    Learned,
    /// The keyword rule of the first design.
    Keyword,
}

impl Algorithm {
    /// Returns the word of the settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Learned => "learned",
            Self::Keyword => "keyword",
        }
    }
}

/// What the hook does with a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// It is recorded, and nothing else.
    #[default]
    Observe,
    /// Claude is told when the local model would do.
    Advise,
    /// Small tasks of subagents go to a cheaper model of Claude.
    Downshift,
}

impl Policy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Observe, Self::Advise, Self::Downshift];

    /// Returns the word of settings and rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Advise => "advise",
            Self::Downshift => "downshift",
        }
    }
}

/// A project with a policy of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectPolicy {
    /// The project's folder; folders below it follow the policy too.
    pub dir: String,
    /// Its policy.
    pub policy: Policy,
}

/// What was fitted to the user's outcomes with one local model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// Its number.
    pub id: i64,
    /// The weights it was fitted on top of, as in `router_version`.
    pub weights: String,
    /// The log odds times this,
    pub slope: f64,
    /// plus this.
    pub intercept: f64,
    /// Plus this in some projects: folder and offset.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub projects: Vec<(String, f64)>,
    /// How many outcomes it rests on.
    pub outcomes: u64,
}

impl Fit {
    /// Returns the fitted log odds.
    #[must_use]
    pub fn apply(&self, logit: f64, project: &str) -> f64 {
        let offset = self.projects.iter().find(|(dir, _)| is_in(project, dir)).map_or(0.0, |(_, offset)| *offset);
        self.slope * logit + self.intercept + offset
    }
}

/// What decisions go by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Which rule recommends.
    pub algorithm: Algorithm,
    /// What the hook does with a decision.
    pub policy: Policy,
    /// Of projects with a policy of their own.
    pub projects: Vec<ProjectPolicy>,
    /// Folders of which nothing is recorded: nothing is steered there either, whatever a policy says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_alone: Vec<String>,
    /// Probability of being as good below which nothing goes to the local model.
    pub min_confidence: f64,
    /// The probability from which on the quality floor holds.
    pub threshold: f64,
    /// Tasks that always go one way.
    pub rules: Vec<Rule>,
    /// Paths whose tasks stay in one place.
    pub sensitive_paths: Vec<SensitivePath>,
    /// The user's home, which `~/` in a task stands for; None where nobody told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    /// Fitted to the outcomes of the local model that counts now.
    pub fit: Option<Fit>,
    /// What tokens cost.
    pub money: Option<Money>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::default(),
            policy: Policy::default(),
            projects: Vec::new(),
            left_alone: Vec::new(),
            min_confidence: USUAL_MIN_CONFIDENCE,
            threshold: USUAL_THRESHOLD,
            rules: Vec::new(),
            sensitive_paths: Vec::new(),
            home: None,
            fit: None,
            money: None,
        }
    }
}

impl Settings {
    /// Returns the policy of a project: that of the deepest folder around it, else the general one.
    #[must_use]
    pub fn policy_of(&self, project: &str) -> Policy {
        if self.left_alone.iter().any(|dir| is_in(project, dir)) {
            return Policy::Observe;
        }
        let around = self.projects.iter().filter(|rule| is_in(project, &rule.dir));
        around.max_by_key(|rule| Path::new(&rule.dir).components().count()).map_or(self.policy, |rule| rule.policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_folder_decides() {
        let rule = |dir: &str, policy| ProjectPolicy { dir: dir.into(), policy };
        let settings = Settings {
            policy: Policy::Advise,
            projects: vec![
                rule("/w/", Policy::Observe),
                rule("/w/app", Policy::Downshift),
                rule("/secret/app", Policy::Advise),
            ],
            left_alone: vec!["/secret".into()],
            ..Settings::default()
        };
        for (project, expected) in [
            ("/w/app/src", Policy::Downshift),
            ("/w/application", Policy::Observe),
            ("/other", Policy::Advise),
            ("/secret/app/src", Policy::Observe),
            ("", Policy::Advise),
        ] {
            assert_eq!(settings.policy_of(project), expected, "{project}");
        }
    }

    #[test]
    fn what_is_written_is_read_and_what_is_missing_is_as_usual() {
        let settings = Settings {
            fit: Some(Fit {
                id: 3,
                weights: "0a".into(),
                slope: 1.5,
                intercept: -0.25,
                projects: vec![("/w".into(), 0.5)],
                outcomes: 200,
            }),
            ..Settings::default()
        };
        let text = serde_json::to_string(&settings).expect("JSON");
        assert_eq!(serde_json::from_str::<Settings>(&text).expect("own JSON"), settings);
        assert_eq!(serde_json::from_str::<Settings>("{}").expect("an empty one"), Settings::default());
        let fit = settings.fit.expect("set");
        assert!((fit.apply(2.0, "/w/x") - 3.25).abs() < 1e-12 && (fit.apply(2.0, "/x") - 2.75).abs() < 1e-12);
    }
}
