//! What the heads say, and the words for it.

/// A question that is asked of every text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Head {
    /// Will the local model's answer be as good as the cloud model's?
    AsGood,
    /// Will the local model solve it?
    LocalSolves,
    /// Is it a small change: up to 20 lines in up to two files?
    Small,
    /// Is it less than a large change: under 100 lines in under eight files?
    NotLarge,
    /// What kind of work is it?
    TaskType,
    /// Which subagent is it for?
    Agent,
}

/// Scores of all heads together.
pub const OUTPUTS: usize = 16;

/// Scores of the heads that answer yes or no: they come first.
pub const YES_OR_NO: usize = 4;

impl Head {
    /// All of them, in the order of the weights file.
    pub const ALL: [Self; 6] =
        [Self::AsGood, Self::LocalSolves, Self::Small, Self::NotLarge, Self::TaskType, Self::Agent];

    /// Returns the name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AsGood => "as_good",
            Self::LocalSolves => "local_solves",
            Self::Small => "small",
            Self::NotLarge => "not_large",
            Self::TaskType => "task_type",
            Self::Agent => "agent",
        }
    }

    /// Returns where its scores stand among all. One score: the probability of yes. Several: one for each class.
    #[must_use]
    pub fn outputs(self) -> std::ops::Range<usize> {
        match self {
            Self::AsGood => 0..1,
            Self::LocalSolves => 1..2,
            Self::Small => 2..3,
            Self::NotLarge => 3..4,
            Self::TaskType => 4..11,
            Self::Agent => 11..16,
        }
    }
}

/// The kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskType {
    /// Something is broken.
    Bugfix,
    /// Something new.
    Feature,
    /// The same in another shape.
    Refactor,
    /// Words for people.
    Docs,
    /// Tests alone.
    Test,
    /// The same, faster or smaller.
    Performance,
    /// Upkeep: builds, dependencies, releases.
    Chore,
}

impl TaskType {
    /// All of them, in the order of their scores.
    pub const ALL: [Self; 7] =
        [Self::Bugfix, Self::Feature, Self::Refactor, Self::Docs, Self::Test, Self::Performance, Self::Chore];

    /// Returns the name in answers and rows.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bugfix => "bugfix",
            Self::Feature => "feature",
            Self::Refactor => "refactor",
            Self::Docs => "docs",
            Self::Test => "test",
            Self::Performance => "performance",
            Self::Chore => "chore",
        }
    }
}

/// A subagent of the first design.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agent {
    /// Interfaces between programs.
    Api,
    /// Speed under load.
    Performance,
    /// Attack and defence.
    Security,
    /// Schemas, queries, migrations.
    Database,
    /// All else.
    General,
}

impl Agent {
    /// All of them, in the order of their scores.
    pub const ALL: [Self; 5] = [Self::Api, Self::Performance, Self::Security, Self::Database, Self::General];

    /// Returns the name in answers and rows.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Api => "api-testing-specialist",
            Self::Performance => "performance-testing-expert",
            Self::Security => "security-testing-guardian",
            Self::Database => "database-testing-specialist",
            Self::General => "general-purpose",
        }
    }
}

/// How large a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeSize {
    /// Up to 20 lines in up to two files.
    Small,
    /// Between the two.
    Medium,
    /// From 100 lines or eight files.
    Large,
}

impl ChangeSize {
    /// Returns the name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scores_of_the_heads_lie_side_by_side() {
        let mut end = 0;
        for head in Head::ALL {
            assert_eq!(head.outputs().start, end, "{}", head.name());
            end = head.outputs().end;
        }
        assert_eq!(end, OUTPUTS);
        assert!(Head::ALL.iter().all(|head| (head.outputs().len() == 1) == (head.outputs().end <= YES_OR_NO)));
        assert_eq!(Head::TaskType.outputs().len(), TaskType::ALL.len());
        assert_eq!(Head::Agent.outputs().len(), Agent::ALL.len());
    }
}
