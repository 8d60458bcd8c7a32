//! `orchd doctor`: every check on a line, with the way out; exit 1 when one fails.

use std::process::ExitCode;

use serde_json::json;
use shared::paths::Paths;

use crate::command::Failure;
use crate::command::output::{print, print_json};
use crate::doctor::{State, all};
use crate::logging::line::Colours;

pub(crate) fn run(paths: &Paths, as_json: bool) -> Result<ExitCode, Failure> {
    let checks = all(paths);
    let failed = checks.iter().filter(|check| check.state == State::Fail).count();
    let warned = checks.iter().filter(|check| check.state == State::Warn).count();
    if as_json {
        print_json(&json!({ "schema": 1, "ok": failed == 0, "failed": failed, "warned": warned, "checks": checks }))?;
    } else {
        for check in &checks {
            print(&check.line(Colours::of_stdout()))?;
        }
        print(&format!("{} checks: {failed} failed, {warned} to look at", checks.len()))?;
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
