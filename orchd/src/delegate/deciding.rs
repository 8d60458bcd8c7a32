//! What the router says of a task that is about to be handed over: by what the daemon keeps for the hook where that is fresh, else by
//! the usual settings. Nobody is asked, and a task is handed over whatever it says: who calls has decided that.

use shared::decision::{Decision, NOT_KNOWN, Settings, Task, decide};
use shared::paths::Paths;
use shared::snapshot::{LocalModel, Snapshot};

use super::place::Place;
use crate::clock::now;
use crate::local_model::State;
use crate::view::LocalModelHealth;

/// Returns what the router says of a task that goes to a place, on behalf of a project.
pub(crate) fn decided(paths: &Paths, text: &str, project: Option<&str>, place: &Place) -> Decision {
    let local = LocalModel {
        state: place.state.map_or(NOT_KNOWN, |state| state.word()).to_owned(),
        available: place.state.is_some_and(State::is_available),
        model: place.endpoint.model.clone(),
        context_tokens: place.context_tokens,
    };
    by_settings(paths, text, project, &local)
}

/// Returns what the router says of a task with a local model of such health.
pub(crate) fn decided_by_health(
    paths: &Paths,
    text: &str,
    project: Option<&str>,
    health: &LocalModelHealth,
) -> Decision {
    let local = LocalModel {
        state: health.state.word().to_owned(),
        available: health.available,
        model: health.model.clone(),
        context_tokens: health.context_tokens,
    };
    by_settings(paths, text, project, &local)
}

fn by_settings(paths: &Paths, text: &str, project: Option<&str>, local: &LocalModel) -> Decision {
    let task = Task { text, project: project.unwrap_or_default(), ..Task::default() };
    decide(&task, &settings(paths, local.model.as_deref()), Some(local))
}

/// Returns what the daemon decides by. What it fitted is about the local model that it knows, and holds for no other.
fn settings(paths: &Paths, model: Option<&str>) -> Settings {
    let told = std::fs::read(paths.snapshot_file()).ok().and_then(|bytes| Snapshot::decode(&bytes, now()));
    let Some(told) = told else { return Settings::default() };
    let fit = told.router.fit.filter(|_| told.local_model.model.as_deref() == model);
    Settings { fit, ..told.router }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::decision::{Fit, router_version};

    #[test]
    fn a_fit_counts_for_the_model_that_the_daemon_knows() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::resolve(Some(folder.path())).expect("paths");
        let local = |model: &str| LocalModel {
            state: "ready".into(),
            available: true,
            model: Some(model.into()),
            context_tokens: Some(4096),
        };
        let of = |model: &str| by_settings(&paths, "fix the typo", Some("/w"), &local(model)).router_version;
        assert_eq!(of("r1"), router_version(), "without a daemon it goes by the weights alone");
        let fit =
            Fit { id: 7, weights: router_version(), slope: 1.0, intercept: 0.0, projects: Vec::new(), outcomes: 60 };
        let router = Settings { fit: Some(fit), ..Settings::default() };
        let snapshot = Snapshot { written_at: now(), local_model: local("r1"), router };
        let file = paths.snapshot_file();
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        std::fs::write(file, snapshot.encode()).expect("written");
        assert_eq!(of("r1"), format!("{}+7", router_version()));
        assert_eq!(of("qwen"), router_version());
    }
}
