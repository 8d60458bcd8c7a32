//! The plan's limits on their way to the daemon: one frame, nothing waited for, nothing kept when it does not get there.
//!
//! The daemon's word is not read: the next line tells the same again.

use std::io::Write;

use shared::paths::Paths;
use shared::plan_limits::PlanLimits;
use shared::protocol::{self, Request};

use crate::hook::connect;

/// Sends the limits if there are any. Neither connecting nor writing waits: a short frame fits into the socket, or is lost.
pub(super) fn forward(paths: &Paths, limits: PlanLimits) {
    if limits.is_empty() {
        return;
    }
    let frame = protocol::encode(&Request::PlanLimits(limits), None);
    if let Some(mut stream) = connect(paths) {
        let _ = stream.write(&frame);
    }
}
