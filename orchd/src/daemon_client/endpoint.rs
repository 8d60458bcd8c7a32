//! Where a running daemon listens for HTTP, and whether it is ready there.

use std::time::Duration;

use serde::Deserialize;
use shared::paths::Paths;

/// What the daemon wrote down when it opened its port.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Endpoint {
    /// `http://127.0.0.1:6724`.
    pub http: String,
    /// The daemon's process id.
    pub pid: u32,
}

impl Endpoint {
    /// Returns what the last daemon of these paths wrote; it may be gone since.
    #[must_use]
    pub fn read(paths: &Paths) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(paths.endpoint_file()).ok()?).ok()
    }
}

/// Returns the status of `GET {http}/health/ready`, or why there is none.
///
/// Proxies are not asked: the daemon is on this machine, and the token is for it alone.
pub(crate) fn probe_ready(paths: &Paths, http: &str, within: Duration) -> Result<u16, reqwest::Error> {
    // Without a runtime there is no answer, as from a daemon that is not ready.
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return Ok(0) };
    runtime.block_on(async {
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(within)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let mut request = client.get(format!("{http}/health/ready"));
        if let Ok(token) = std::fs::read_to_string(paths.token_file()) {
            request = request.bearer_auth(token.trim());
        }
        Ok(request.send().await?.status().as_u16())
    })
}
