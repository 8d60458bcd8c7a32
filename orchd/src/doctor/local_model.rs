//! The local model, as the daemon knows it: nothing is asked here that it does not ask itself.

use serde_json::Value;
use shared::paths::Paths;
use shared::protocol::{Reply, Request};
use shared::snapshot::Snapshot;

use super::Check;
use super::daemon::ANSWER_WITHIN;
use crate::clock::now;
use crate::config::Config;
use crate::daemon_client::ask;
use crate::local_model::token_of;

const NAME: &str = "local model";

/// Checks whether work could go to a local model, and that the files with its tokens hold some.
pub(super) fn checks(paths: &Paths) -> Vec<Check> {
    let settings = Config::load(paths).map(|config| config.local).unwrap_or_default();
    let files = settings.endpoints.iter().filter(|_| settings.enabled).filter_map(|entry| entry.token_file.as_ref());
    let unreadable = files.filter_map(|file| {
        let why = token_of(file).err()?;
        let message = format!("the token file {} is of no use: {why}", file.display());
        Some(Check::warn(NAME, message, "write the server's token into it, for you alone: chmod 600"))
    });
    let Ok(Reply::Status(status)) = ask(paths, &Request::Status, ANSWER_WITHIN) else {
        return unreadable.chain([Check::ok(NAME, "not looked at: the daemon does")]).collect();
    };
    let known = judge(status.get("local_model").unwrap_or(&Value::Null));
    let file = paths.snapshot_file();
    let bytes = std::fs::read(&file).unwrap_or_default();
    // The daemon answers, so what it keeps for the hook is as fresh.
    let stale = Snapshot::decode(&bytes, now()).is_none().then(|| {
        let message = format!("hooks do not know how it is: {} is not kept", file.display());
        Check::warn(NAME, message, "orchd restart; if it stays, orchd logs says why")
    });
    unreadable.chain([known]).chain(stale).collect()
}

fn judge(local_model: &Value) -> Check {
    let text = |key| local_model.get(key).and_then(Value::as_str).unwrap_or_default();
    let message = text("message");
    // Off is a choice, and what is not looked at yet will be.
    if local_model.get("available") == Some(&Value::Bool(true)) || matches!(text("state"), "off" | "unknown" | "") {
        return Check::ok(NAME, if message.is_empty() { "not known" } else { message });
    }
    let off = "or, where there is none: `enabled = false` in [local] of config.toml";
    let fix = if text("state") == "down" { format!("{}; {off}", text("advice")) } else { text("advice").to_owned() };
    Check::warn(NAME, message, fix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State as Word;
    use crate::local_model::{Health, State};
    use crate::view::LocalModelHealth;

    #[test]
    fn what_is_not_available_comes_with_the_way_out() {
        for state in State::ALL {
            let health = Health::unknown(state, "http://127.0.0.1:1234", 0);
            let told = serde_json::to_value(LocalModelHealth::from(&health)).expect("JSON");
            let check = judge(&told);
            let fine = matches!(state, State::Off | State::Unknown | State::Ready | State::Loadable);
            assert_eq!(check.state, if fine { Word::Ok } else { Word::Warn }, "{check:?}");
            assert_eq!(check.fix.is_none(), fine);
        }
        let down = Health::unknown(State::Down, "http://127.0.0.1:1234", 0);
        let check = judge(&serde_json::to_value(LocalModelHealth::from(&down)).expect("JSON"));
        assert!(check.fix.expect("a way out").contains("lms server start"));
        assert_eq!(judge(&Value::Null).state, Word::Ok, "an older daemon says nothing");
    }
}
