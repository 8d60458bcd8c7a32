//! On whose behalf a task is delegated: the session, task and project that the environment names.

use shared::event::{DelegationId, PARENT_TASK_VARIABLE, SessionId};

use crate::delegation::Record;

/// On whose behalf this process runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The Claude Code session.
    pub(crate) session_id: Option<String>,
    /// The task that a session was started for.
    pub(crate) parent_task: Option<String>,
    /// The project's folder.
    pub(crate) project_dir: Option<String>,
}

impl Caller {
    /// Returns what the environment says.
    pub(crate) fn of_environment() -> Self {
        let here = std::env::current_dir().ok().and_then(|dir| dir.into_os_string().into_string().ok());
        Self::of(|name| std::env::var(name).ok(), here)
    }

    fn of(variable: impl Fn(&str) -> Option<String>, here: Option<String>) -> Self {
        let id = |name: &str| variable(name).filter(|id| SessionId::parse(id).is_some());
        Self {
            session_id: id("CLAUDE_CODE_SESSION_ID"),
            parent_task: variable(PARENT_TASK_VARIABLE).filter(|task| task.parse::<DelegationId>().is_ok()),
            project_dir: variable("CLAUDE_PROJECT_DIR").filter(|dir| !dir.is_empty()).or(here),
        }
    }

    /// Returns the record with the caller in it.
    pub(crate) fn sign(&self, record: Record) -> Record {
        let Self { session_id, parent_task, project_dir } = self.clone();
        Record { parent_task, session_id, project_dir, ..record }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "delegation:0199aaaa-0000-7000-8000-000000000001";

    #[test]
    fn the_caller_is_who_the_environment_names() {
        let of = |pairs: &[(&str, &str)]| {
            let value = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            Caller::of(value, Some("/here".to_owned()))
        };
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(of(&[]), Caller { project_dir: text("/here"), ..Caller::default() });
        let claude =
            [("CLAUDE_CODE_SESSION_ID", "s1"), ("CLAUDE_PROJECT_DIR", "/home/dev/shop"), ("ORCH_PARENT_TASK", PARENT)];
        let expected =
            Caller { session_id: text("s1"), parent_task: text(PARENT), project_dir: text("/home/dev/shop") };
        assert_eq!(of(&claude), expected);
        let empty = of(&[("CLAUDE_CODE_SESSION_ID", ""), ("CLAUDE_PROJECT_DIR", ""), ("ORCH_PARENT_TASK", "sk-ant-1")]);
        assert_eq!(empty, Caller { project_dir: text("/here"), ..Caller::default() });
    }
}
